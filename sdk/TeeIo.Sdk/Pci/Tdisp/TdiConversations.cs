using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Tdisp;

/// <summary>The trusted firmware's TDISP conversations with one TDI, and what it knows from them. No word of the host's comes in.</summary>
/// <param name="functionId">The function as the host names it, the bits of a TDISP function id.</param>
/// <param name="channel">The session with its device.</param>
public sealed class TdiConversations(uint functionId, ISpdmChannel channel)
{
    private byte[] _nonce = [];
    private ulong _reportingOffset;

    /// <summary>The TDI's state as far as the device has told it.</summary>
    public TdiState State { get; private set; } = TdiState.ConfigUnlocked;

    /// <summary>What the device said when it was asked for the state last, also where it says more than was asked of it over the session.</summary>
    public TdiState ToldState { get; private set; } = TdiState.ConfigUnlocked;

    /// <summary>Whether the device was asked to lock the TDI and its answer never came: it may have locked it.</summary>
    public bool IsLockPending { get; private set; }

    /// <summary>The report of this lock, or null before it was read.</summary>
    public InterfaceReport? Report { get; private set; }

    /// <summary>Whether it is locked or runs.</summary>
    public bool IsLockedOrRunning => State is TdiState.ConfigLocked or TdiState.Run;

    /// <summary>Locks the TDI.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="flags">What to lock; a device that doesn't know one of them isn't locked.</param>
    /// <param name="streamId">The TDI's IDE stream.</param>
    /// <param name="reportingOffset">What the device adds to the MMIO addresses of its report.</param>
    public IEnumerable<byte[]> Lock(DeviceExchange exchange, LockFlags flags, byte streamId, ulong reportingOffset)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        yield return Seal(TdispMessages.WriteGetTdispVersion);
        if (!Open(exchange, static message => TdispMessages.ReadGetTdispVersionResponse(message, out _, out ReadOnlySpan<byte> versions).IsOk
            && versions.Contains((byte)TdispConstants.TdispVersion10))) yield break;

        yield return Seal((destination, version, id) => TdispMessages.WriteGetTdispCapabilities(destination, version, id, tsmCaps: 0));
        if (!Open(exchange, message => TdispMessages.ReadGetTdispCapabilitiesResponse(message, out TdispCapabilitiesResponse capabilities).IsOk
            && (flags & ~capabilities.LockInterfaceFlagsSupported) == 0)) yield break;

        IsLockPending = true;
        yield return Seal((destination, version, id) => TdispMessages.WriteLockInterface(destination, version, id, flags, streamId, reportingOffset, bindP2pAddressMask: 0));
        if (!Open(exchange, message =>
        {
            bool isOk = TdispMessages.ReadLockInterfaceResponse(message, out TdispLockInterfaceResponse response).IsOk;
            if (isOk) _nonce = ((ReadOnlySpan<byte>)response.StartInterfaceNonce).ToArray();
            return isOk;
        })) yield break;
        (State, IsLockPending, _reportingOffset) = (TdiState.ConfigLocked, false, reportingOffset);
    }

    /// <summary>Starts the locked TDI.</summary>
    public IEnumerable<byte[]> Start(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        yield return Seal((destination, version, id) => TdispMessages.WriteStartInterface(destination, version, id, _nonce));
        if (!Open(exchange, static message => TdispMessages.ReadStartInterfaceResponse(message, out _).IsOk)) yield break;
        State = TdiState.Run;
    }

    /// <summary>Stops the TDI, in any state.</summary>
    public IEnumerable<byte[]> Stop(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        yield return Seal(TdispMessages.WriteStopInterface);
        if (!Open(exchange, static message => TdispMessages.ReadStopInterfaceResponse(message, out _).IsOk)) yield break;
        Forget();
    }

    /// <summary>Asks the device for the TDI's state.</summary>
    public IEnumerable<byte[]> ReadState(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        yield return Seal(TdispMessages.WriteGetDeviceInterfaceState);
        TdiState state = default;
        if (!Open(exchange, message =>
        {
            bool isOk = TdispMessages.ReadGetDeviceInterfaceStateResponse(message, out TdispStateResponse response).IsOk;
            state = response.TdiState;
            return isOk && state <= TdiState.Error;
        })) yield break;

        ToldState = state;

        // A device that fell back has forgotten the lock; one that went ahead has not.
        if (state == TdiState.ConfigUnlocked) Forget();
        else if (State != TdiState.ConfigUnlocked) State = state;
    }

    /// <summary>Reads the interface report.</summary>
    public IEnumerable<byte[]> ReadReport(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        byte[] report = [];
        int left = int.MaxValue;
        while (left > 0)
        {
            ushort offset = (ushort)report.Length;
            yield return Seal((destination, version, id) => TdispMessages.WriteGetDeviceInterfaceReport(destination, version, id, offset, InterfaceReport.Portion));
            if (!Open(exchange, message =>
            {
                bool isOk = TdispMessages.ReadGetDeviceInterfaceReportResponse(message, out TdispReportResponse response, out ReadOnlySpan<byte> portion).IsOk;
                if (!isOk || portion.Length == 0 || portion.Length > InterfaceReport.Portion) return false;
                report = [.. report, .. portion];
                left = response.RemainderLength;
                return report.Length + left <= InterfaceReport.MaxSize;
            })) yield break;
        }

        Report = InterfaceReport.Parse(report, _reportingOffset);
        if (Report is null) exchange.Fail(DeviceFailure.BadReport);
    }

    /// <summary>Forgets the lock, as the device has, or as nobody can ask it any more.</summary>
    public void Forget()
    {
        (State, IsLockPending, Report) = (TdiState.ConfigUnlocked, false, null);
        CryptographicOperations.ZeroMemory(_nonce);
    }

    private delegate int Writer(Span<byte> destination, byte version, TdispInterfaceId interfaceId);

    private byte[] Seal(Writer write)
    {
        Span<byte> message = stackalloc byte[256];
        int length = write(message, TdispConstants.TdispVersion10, new TdispInterfaceId { FunctionId = RegisterBoundary.Unpack<TdispFunctionId>(functionId) });
        return channel.Seal(PciProtocol.Tdisp, message[..length]);
    }

    /// <summary>Opens the answer and judges it: another TDI's answer is none, nor is one of another version, and a refusal leaves the TDI as it was.</summary>
    private bool Open(DeviceExchange exchange, Func<byte[], bool> isExpected)
    {
        if (!channel.TryOpen(PciProtocol.Tdisp, exchange, out byte[] message)) return false;
        bool isOurs = TdispHeader.TryRead(message, out TdispHeader header) && header.Version == TdispConstants.TdispVersion10
            && RegisterBoundary.Pack(header.InterfaceId.FunctionId) == functionId;
        if (isOurs && isExpected(message)) return true;
        bool isRefused = TdispError.TryRead(message, out TdispError error) && header.MessageType == TdispMessage.TdispError;
        exchange.Fail(isRefused && error.ErrorCode == TdispErrorCode.InvalidInterfaceState ? DeviceFailure.TdiState : DeviceFailure.BadTdisp);
        return false;
    }
}
