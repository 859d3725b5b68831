using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>The ping-pong of one device: the host issues a command again and again, and carries a message to the device and back in between. One conversation goes on at a time.</summary>
internal sealed class Bounce(PhysicalMemory memory, FirmwarePages pages, ScatterLists lists, AmdSpOptions options)
{
    /// <summary>Bytes of the largest response object: a DOE object must hold its content.</summary>
    private const int MaxResponse = DoeConstants.MaxObjectSize - DoeHeader.ByteSize + SpdmDobjHdrMsg.ByteSize;

    private DeviceExchange _exchange = new();
    private IEnumerator<byte[]>? _conversation;
    private DobjDataType _sent;
    private bool _isOver;

    /// <summary>The command that waits for the device, or for a larger output buffer.</summary>
    public BounceCall? Pending { get; private set; }

    /// <summary>Whether another command than <paramref name="call"/> waits.</summary>
    public bool IsBusyWithout(BounceCall? call) => Pending is { } pending && (call is null || !pending.Continues(call));

    /// <summary>Whether <paramref name="call"/> goes on with what waits.</summary>
    public bool Awaits(BounceCall call) => Pending is { } pending && pending.Continues(call);

    /// <summary>Begins or goes on with a command.</summary>
    /// <param name="call">The command as it was issued.</param>
    /// <param name="scratchSize">Scratch memory that it needs.</param>
    /// <param name="begin">Makes the conversation, the first time.</param>
    /// <param name="output">After a conversation that didn't fail: the object that the command gives, or an empty one.</param>
    public SevRet Run(BounceCall call, int scratchSize, Func<DeviceExchange, IEnumerable<byte[]>> begin, Func<byte[]> output)
    {
        if (IsBusyWithout(call)) return SevRet.InUse;
        if (Pending is { } pending && !pending.IsRepeatedBy(call, mayGrow: _isOver)) return SevRet.InvalidParam;
        SevRet status = BounceBuffers.Open(call.Buffers, memory, pages, lists, options, out BounceBuffers buffers);
        if (status != SevRet.Success) return status;
        if (_isOver) return Deliver(buffers, output);
        if (Pending is null)
        {
            if (buffers.Scratch.Capacity < scratchSize)
            {
                buffers.Scratch.Ask(scratchSize);
                return SevRet.ExpandBufferLengthRequest;
            }

            (Pending, _exchange) = (call, new DeviceExchange());
            _conversation = begin(_exchange).GetEnumerator();
        }
        else if (!TryTakeResponse(buffers.Response, out byte[] response))
        {
            // The conversation learns of it as it learns of any other answer that isn't one.
            _exchange.Response = default;
        }
        else
        {
            _exchange.Response = response;
        }

        return Step(buffers, output);
    }

    /// <summary>Drops what waits.</summary>
    /// <returns>Whether an answer of the device is lost with it.</returns>
    public bool Abort()
    {
        bool isLost = Pending is not null && !_isOver;
        End();
        return isLost;
    }

    private SevRet Step(BounceBuffers buffers, Func<byte[]> output)
    {
        if (_conversation!.MoveNext())
        {
            if (TryPutRequest(buffers.Request, _conversation.Current)) return SevRet.SpdmRequest;
            _exchange.Fail(DeviceFailure.BadSpdm);
        }

        if (_exchange.HasFailed)
        {
            SevRet status = StatusOf(_exchange.Failure);
            End();
            return status;
        }

        _isOver = true;
        return Deliver(buffers, output);
    }

    private SevRet Deliver(BounceBuffers buffers, Func<byte[]> output)
    {
        byte[] content = output();
        if (content.Length > 0)
        {
            int wanted = SlaBuffer.SizeFor(content.Length);
            if (buffers.Output.Capacity < wanted)
            {
                buffers.Output.Ask(wanted);
                return SevRet.ExpandBufferLengthRequest;
            }

            buffers.Output.Put(content);
        }

        End();
        return SevRet.Success;
    }

    private void End()
    {
        _conversation?.Dispose();
        (_conversation, Pending, _isOver) = (null, null, false);
    }

    private bool TryPutRequest(SlaBuffer buffer, byte[] message)
    {
        if (!DoeObject.TryRead(message, out DoeObjectType type, out ReadOnlySpan<byte> content)) return false;
        _sent = type == DoeObjectType.SecuredSpdm ? DobjDataType.SecureSpdm : DobjDataType.Spdm;
        byte[] request = new byte[SpdmDobjHdrMsg.ByteSize + content.Length];
        if (buffer.Capacity < SlaBuffer.SizeFor(request.Length)) return false;
        new SpdmDobjHdrMsg { Hdr = DataObject.Header(DobjId.Req, request.Length), DataType = _sent }.Write(request);
        content.CopyTo(request.AsSpan(SpdmDobjHdrMsg.ByteSize));
        buffer.Put(request);
        return true;
    }

    /// <summary>Copies the host's answer once. What its headers say may be lies.</summary>
    private bool TryTakeResponse(SlaBuffer buffer, out byte[] response)
    {
        response = [];
        if (!buffer.TryTake(out byte[] payload) || !SpdmDobjHdrMsg.TryRead(payload, out SpdmDobjHdrMsg header)) return false;
        bool isResponse = header.Hdr is { Id: DobjId.Resp, VersionMajor: TioFirmwareConstants.DobjVersionMajor, VersionMinor: TioFirmwareConstants.DobjVersionMinor };
        bool fits = header.Hdr.Length > SpdmDobjHdrMsg.ByteSize && header.Hdr.Length <= (uint)Math.Min(payload.Length, MaxResponse);
        if (!isResponse || !fits || header.DataType != _sent) return false;
        DoeObjectType type = _sent == DobjDataType.SecureSpdm ? DoeObjectType.SecuredSpdm : DoeObjectType.Spdm;
        response = DoeObject.Create(type, payload.AsSpan(SpdmDobjHdrMsg.ByteSize..(int)header.Hdr.Length));
        return true;
    }

    private static SevRet StatusOf(DeviceFailure failure) => failure == DeviceFailure.TdiState ? SevRet.InvalidTdiState : SevRet.SpdmError;
}
