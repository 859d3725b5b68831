using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The relay of one session: the host issues a leaf again and again, and carries a message to the device and back in between. One conversation goes on at a time.</summary>
internal sealed class Relay(PhysicalMemory memory, PageOwnership pages, FirstTries tries)
{
    private readonly DeviceExchange _none = new();
    private RelayCall _call;
    private IEnumerator<byte[]>? _conversation;
    private DeviceExchange _exchange = new();

    /// <summary>Whether a conversation waits for an answer.</summary>
    public bool IsBusy => _conversation is not null;

    /// <summary>Whether <paramref name="call"/> goes on with the conversation that waits.</summary>
    public bool Awaits(RelayCall call) => IsBusy && _call.Continues(call);

    /// <summary>Whether another conversation about <paramref name="subject"/> waits for an answer.</summary>
    public bool IsBusyWith(ulong subject, RelayCall call) => IsBusy && _call.Subject == subject && _call.Leaf != call.Leaf;

    /// <summary>Begins or goes on with a conversation.</summary>
    /// <param name="call">The call as it was issued.</param>
    /// <param name="begin">Makes the conversation, the first time.</param>
    /// <param name="length">Bytes of the message to the device, with TDX_SPDM_REQUEST.</param>
    public Outcome Run(RelayCall call, Func<DeviceExchange, IEnumerable<byte[]>> begin, out ulong length)
    {
        length = 0;
        Outcome checkedPages = CheckPages(call);
        if (!checkedPages.IsSuccess) return checkedPages;
        if (_conversation is null)
        {
            if (tries.IsFirst(call.Leaf, call.Subject)) return TdxStatus.InterruptedResumable;
            _call = call;
            _exchange = new DeviceExchange();
            _conversation = begin(_exchange).GetEnumerator();
        }
        else if (_call != call)
        {
            return _call.Continues(call) ? TdxStatus.InvalidResumption : TdxStatus.OperandBusy;
        }
        else if (!TryReadResponse(call.ResponsePage, out byte[] response))
        {
            _exchange.Fail(DeviceFailure.BadSpdm);
            return End();
        }
        else
        {
            _exchange.Response = response;
        }

        return Step(out length);
    }

    /// <summary>Drops the conversation that waits.</summary>
    /// <returns>Whether there was one; its answer is lost then.</returns>
    public bool Abort()
    {
        if (_conversation is null) return false;
        End();
        return true;
    }

    private Outcome Step(out ulong length)
    {
        length = 0;
        bool hasMessage = _conversation!.MoveNext() && !_exchange.HasFailed;
        if (!hasMessage) return End();
        byte[] message = _conversation.Current;
        if (message.Length > SeamcallConstants.PageSize)
        {
            _exchange.Fail(DeviceFailure.BadSpdm);
            return End();
        }

        memory.Write(_call.RequestPage, message, KeyId.Shared);
        length = (ulong)message.Length;
        return TdxStatus.SpdmRequest;
    }

    private Outcome End()
    {
        _conversation!.Dispose();
        _conversation = null;
        Outcome outcome = StatusOf(_exchange.Failure);
        _exchange = _none;
        return outcome;
    }

    private static TdxStatus StatusOf(DeviceFailure failure) => failure switch
    {
        DeviceFailure.None => TdxStatus.Success,
        DeviceFailure.NotAuthentic => TdxStatus.SpdmAuthFailed,
        DeviceFailure.BadIdeKm => TdxStatus.IdekmInvalidResponse,
        DeviceFailure.BadTdisp => TdxStatus.DevifTdispInvalidMessage,
        DeviceFailure.TdiState => TdxStatus.DevifTdispInvalidState,
        DeviceFailure.BadReport => TdxStatus.DevifTdispInvalidReport,
        _ => TdxStatus.SpdmInvalidMessage,
    };

    private Outcome CheckPages(RelayCall call)
    {
        Outcome response = pages.CheckFree(call.ResponsePage, TdxOperandId.Page);
        Outcome request = response.IsSuccess ? pages.CheckFree(call.RequestPage, TdxOperandId.Page) : response;
        if (!request.IsSuccess) return request;
        return call.RequestPage == call.ResponsePage ? Outcome.Invalid(TdxOperandId.Page) : Outcome.Success;
    }

    /// <summary>Copies the host's answer once. Its own header says how long it is, and may lie.</summary>
    private bool TryReadResponse(ulong page, out byte[] response)
    {
        response = [];
        byte[] bytes = new byte[SeamcallConstants.PageSize];
        memory.Read(page, bytes, KeyId.Shared);
        if (!DoeHeader.TryRead(bytes, out DoeHeader header)) return false;
        long length = (long)header.Length * DoeConstants.ObjectAlignment;
        if (length <= DoeConstants.HeaderSize || length > bytes.Length) return false;
        response = bytes[..(int)length];
        return true;
    }
}
