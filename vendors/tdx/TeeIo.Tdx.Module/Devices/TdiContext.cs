using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>A TDI that a TD owns. What guests read of it is what the device said over the session; no word of the host's comes in.</summary>
/// <param name="functionId">The function as the host names it.</param>
/// <param name="guestId">The function as the TD names it.</param>
/// <param name="td">The TD.</param>
/// <param name="stream">Its IDE stream.</param>
/// <param name="iommuId">The IOMMU in front of it.</param>
/// <param name="controlPage">The page of its control structure.</param>
/// <param name="random">Where session numbers come from.</param>
internal sealed class TdiContext(uint functionId, ulong guestId, Td td, IdeStreamContext stream, ushort iommuId, ulong controlPage, Random random)
{
    private byte[] _nonce = [];

    public uint FunctionId { get; } = functionId;

    public ushort RequesterId => (ushort)FunctionId;

    public ulong GuestId { get; } = guestId;

    public Td Td { get; } = td;

    public IdeStreamContext Stream { get; } = stream;

    public ushort IommuId { get; } = iommuId;

    public ulong ControlPage { get; } = controlPage;

    /// <summary>TDISP's state as the module knows it.</summary>
    public TdiState State { get; private set; } = TdiState.ConfigUnlocked;

    /// <summary>Number of this bind: random, new with each lock, 0 while unlocked.</summary>
    public ulong BindSessionId { get; private set; }

    /// <summary>Whether the TD has authorised the start of this bind.</summary>
    public bool IsStartAuthorised { get; private set; }

    /// <summary>The report of this bind, or null before it was read.</summary>
    public InterfaceReport? Report { get; private set; }

    /// <summary>How many MMIO pages are mapped.</summary>
    public int MappedMmio { get; set; }

    /// <summary>Whether a DMA entry exists, in whatever state.</summary>
    public bool HasDmaEntry { get; set; }

    public bool IsLockedOrRunning => State is TdiState.ConfigLocked or TdiState.Run;

    /// <summary>Whether nothing trusted of the device can be under way any more.</summary>
    public bool IsQuiet => State == TdiState.ConfigUnlocked || Stream.State == IdeStreamState.Blocked;

    /// <summary>Authorises the start of the bind with number <paramref name="session"/>.</summary>
    public bool TryAuthoriseStart(ulong session)
    {
        if (session != BindSessionId) return false;
        IsStartAuthorised = true;
        return true;
    }

    public IEnumerable<byte[]> Lock(Exchange exchange, LockFlags flags)
    {
        yield return Seal(TdispMessages.WriteGetTdispVersion);
        if (!Open(exchange, static message => TdispMessages.ReadGetTdispVersionResponse(message, out _, out ReadOnlySpan<byte> versions).IsOk
            && versions.Contains((byte)TdispConstants.TdispVersion10))) yield break;

        yield return Seal((destination, version, id) => TdispMessages.WriteGetTdispCapabilities(destination, version, id, tsmCaps: 0));
        if (!Open(exchange, message => TdispMessages.ReadGetTdispCapabilitiesResponse(message, out TdispCapabilitiesResponse capabilities).IsOk
            && (flags & ~capabilities.LockInterfaceFlagsSupported) == 0)) yield break;

        yield return Seal((destination, version, id) =>
            TdispMessages.WriteLockInterface(destination, version, id, flags, Stream.Id, Td.ReportingOffset, bindP2pAddressMask: 0));
        if (!Open(exchange, message =>
        {
            bool isOk = TdispMessages.ReadLockInterfaceResponse(message, out TdispLockInterfaceResponse response).IsOk;
            if (isOk) _nonce = ((ReadOnlySpan<byte>)response.StartInterfaceNonce).ToArray();
            return isOk;
        })) yield break;
        State = TdiState.ConfigLocked;
        BindSessionId = NewSessionId();
    }

    public IEnumerable<byte[]> Start(Exchange exchange)
    {
        yield return Seal((destination, version, id) => TdispMessages.WriteStartInterface(destination, version, id, _nonce));
        if (!Open(exchange, static message => TdispMessages.ReadStartInterfaceResponse(message, out _).IsOk)) yield break;
        State = TdiState.Run;
    }

    public IEnumerable<byte[]> Stop(Exchange exchange)
    {
        yield return Seal(TdispMessages.WriteStopInterface);
        if (!Open(exchange, static message => TdispMessages.ReadStopInterfaceResponse(message, out _).IsOk)) yield break;
        Forget();
    }

    public IEnumerable<byte[]> ReadState(Exchange exchange)
    {
        yield return Seal(TdispMessages.WriteGetDeviceInterfaceState);
        TdiState state = default;
        if (!Open(exchange, message =>
        {
            bool isOk = TdispMessages.ReadGetDeviceInterfaceStateResponse(message, out TdispStateResponse response).IsOk;
            state = response.TdiState;
            return isOk && state <= TdiState.Error;
        })) yield break;

        // A device that fell back has forgotten the bind; one that went ahead has not.
        if (state == TdiState.ConfigUnlocked) Forget();
        else if (State != TdiState.ConfigUnlocked) State = state;
    }

    public IEnumerable<byte[]> ReadReport(Exchange exchange)
    {
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

        Report = InterfaceReport.Parse(report, Td.ReportingOffset);
        if (Report is null) exchange.Fail(TdxStatus.DevifTdispInvalidReport);
    }

    private void Forget()
    {
        State = TdiState.ConfigUnlocked;
        (BindSessionId, IsStartAuthorised, Report) = (0, false, null);
        CryptographicOperations.ZeroMemory(_nonce);
    }

    private delegate int Writer(Span<byte> destination, byte version, TdispInterfaceId interfaceId);

    private byte[] Seal(Writer write)
    {
        Span<byte> message = stackalloc byte[256];
        int length = write(message, TdispConstants.TdispVersion10, InterfaceId());
        return Stream.Session.Seal(PciProtocol.Tdisp, message[..length]);
    }

    private TdispInterfaceId InterfaceId() => new() { FunctionId = RegisterBoundary.Unpack<TdispFunctionId>(FunctionId) };

    /// <summary>Opens the answer and judges it: another TDI's answer is none, and a refusal leaves the TDI as it was.</summary>
    private bool Open(Exchange exchange, Func<byte[], bool> isExpected)
    {
        if (!Stream.Session.TryOpen(PciProtocol.Tdisp, exchange, out byte[] message)) return false;
        bool isOurs = TdispHeader.TryRead(message, out TdispHeader header) && RegisterBoundary.Pack(header.InterfaceId.FunctionId) == FunctionId;
        if (isOurs && isExpected(message)) return true;
        bool isRefused = TdispError.TryRead(message, out TdispError error) && header.MessageType == TdispMessage.TdispError;
        if (isRefused && error.ErrorCode == TdispErrorCode.InvalidInterfaceState) exchange.Fail(TdxStatus.DevifTdispInvalidState);
        else exchange.Fail(TdxStatus.DevifTdispInvalidMessage);
        return false;
    }

    private ulong NewSessionId()
    {
        ulong id;
        do id = (ulong)random.NextInt64();
        while (id == 0);
        return id;
    }
}
