using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Host;

/// <summary>Carries messages between the firmware and a device. A command ends with a request for the device; the host exchanges it through the mailbox and issues the same command
/// again, until it is done. Neither side is trusted to come to an end, or to say how long its messages are.</summary>
/// <param name="mailbox">The device's mailbox.</param>
/// <param name="buffers">The buffers.</param>
/// <param name="isWaiting">Asks the firmware whether a command of this device waits for its answer.</param>
internal sealed class SpdmRelay(IDoeMailbox mailbox, SpdmBuffers buffers, Func<bool> isWaiting)
{
    private const int MaxMessages = 512;
    private const int MaxGrowths = 16;
    private const int MaxRepeats = 4;
    private byte[] _lastSecured = [];

    /// <summary>Issues <paramref name="command"/> until it is done. Where the device fails, the firmware gets responses without a message from there on, so that it ends the command itself:
    /// one that is forced succeeds even so, and none is left waiting. A status that ends the command for the host, but not for the firmware, has lost its way: the command is issued again,
    /// with the answer that waits for it.</summary>
    public RelayOutcome Run(SpdmCommand command)
    {
        (int messages, int growths, int repeats) = (0, 0, 0);
        SysResult carried = SysResult.Ok;
        while (true)
        {
            SevRet status = command(buffers.Control);
            switch (status)
            {
                case SevRet.Success:
                    return new RelayOutcome(SysResult.Ok, status);
                case SevRet.SpdmRequest when ++messages <= MaxMessages:
                    if (carried.IsOk) carried = Carry();
                    if (!carried.IsOk) buffers.Response.WritePayload([]);
                    break;
                case SevRet.ExpandBufferLengthRequest when ++growths <= MaxGrowths && buffers.TryGrow():
                    break;
                default:
                    if (messages > 0 && ++repeats <= MaxRepeats && isWaiting()) break;
                    return new RelayOutcome(carried.IsOk ? ErrnoOf(status) : carried, status);
            }
        }
    }

    /// <summary>Reads the object that a command has left in the output buffer.</summary>
    /// <param name="id">The kind that it must be.</param>
    /// <param name="device">The function with the DSM, which it must be about: an interface report has it, too.</param>
    /// <param name="data">What is in it, without its header.</param>
    /// <returns>False where it is another one, or longer than what is there.</returns>
    public bool TryReadOutput(DobjId id, PciAddress device, out byte[] data)
    {
        data = [];
        if (!buffers.Output.TryReadPayload(out byte[] payload) || !SpdmDobjHdrOutput.TryRead(payload, out SpdmDobjHdrOutput header)) return false;
        if (!IsObject(header.Hdr, id, SpdmDobjHdrOutput.ByteSize, payload) || header.DeviceId != device.RequesterId || header.SegmentId != (byte)device.Segment) return false;
        data = payload[SpdmDobjHdrOutput.ByteSize..(int)header.Hdr.Length];
        return true;
    }

    private static bool IsObject(in SpdmDobjHdr header, DobjId id, int headerSize, byte[] payload) =>
        header.Id == id && header.VersionMajor == TioFirmwareConstants.DobjVersionMajor && header.Length >= headerSize && header.Length <= payload.Length;

    private static Errno ErrnoOf(SevRet status) => status switch
    {
        SevRet.SpdmError or SevRet.ResponseTooLarge => Errno.EPROTO,
        SevRet.InUse => Errno.EBUSY,
        _ => Errno.EIO,
    };

    private SysResult Carry()
    {
        if (!buffers.Request.TryReadPayload(out byte[] payload) || !SpdmDobjHdrMsg.TryRead(payload, out SpdmDobjHdrMsg header)) return Errno.EIO;
        if (!IsObject(header.Hdr, DobjId.Req, SpdmDobjHdrMsg.ByteSize, payload) || TypeOf(header.DataType) is not { } type) return Errno.EIO;
        byte[] request = DoeObject.Create(type, payload.AsSpan(SpdmDobjHdrMsg.ByteSize..(int)header.Hdr.Length));

        // No record of a session is like another. One that went out already is left over, because the firmware never heard of the command: a device that got it twice would end the session.
        if (type == DoeObjectType.SecuredSpdm && request.AsSpan().SequenceEqual(_lastSecured)) return SysResult.Ok;
        if (type == DoeObjectType.SecuredSpdm) _lastSecured = request;
        int room = buffers.Response.Capacity - SpdmDobjHdrMsg.ByteSize;
        byte[] answer = new byte[Math.Min(DoeHeader.ByteSize + room, DoeConstants.MaxObjectSize)];
        SysResult exchanged = mailbox.Exchange(request, answer);
        if (!exchanged.IsOk) return exchanged.Errno == Errno.EMSGSIZE ? Errno.EPROTO : Errno.EIO;
        if (exchanged.Value > answer.Length || !DoeObject.TryRead(answer.AsSpan(..(int)exchanged.Value), out DoeObjectType answered, out ReadOnlySpan<byte> message)) return Errno.EPROTO;
        return answered == type && TryAnswer(header.DataType, message) ? SysResult.Ok : Errno.EPROTO;
    }

    /// <summary>Writes the device's answer for the firmware. An object's length is rounded up to the payload's unit; the padding is zero.</summary>
    private bool TryAnswer(DobjDataType type, ReadOnlySpan<byte> message)
    {
        const int Unit = TioFirmwareConstants.BufferPayloadUnit;
        byte[] payload = new byte[(SpdmDobjHdrMsg.ByteSize + message.Length + Unit - 1) / Unit * Unit];
        if (payload.Length > buffers.Response.Capacity) return false;
        var start = new SpdmDobjHdr
        {
            Id = DobjId.Resp,
            Length = (uint)payload.Length,
            VersionMajor = TioFirmwareConstants.DobjVersionMajor,
            VersionMinor = TioFirmwareConstants.DobjVersionMinor,
        };
        new SpdmDobjHdrMsg { Hdr = start, DataType = type }.Write(payload);
        message.CopyTo(payload.AsSpan(SpdmDobjHdrMsg.ByteSize));
        buffers.Response.WritePayload(payload);
        return true;
    }

    private static DoeObjectType? TypeOf(DobjDataType type) => type switch
    {
        DobjDataType.Spdm => DoeObjectType.Spdm,
        DobjDataType.SecureSpdm => DoeObjectType.SecuredSpdm,
        _ => null,
    };
}
