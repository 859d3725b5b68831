using TeeIo.Boundaries;
using TeeIo.Pci;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Sdk.Tests.Pci;

public sealed class TdispResponderTests
{
    private const LockFlags Supported = LockFlags.NoFwUpdate | LockFlags.LockMsix;
    private readonly Device _device = new();
    private readonly TdispRequester _requester;

    public TdispResponderTests() => _requester = new TdispRequester(new Wire(new TdispResponder([_device], new TdispResponderOptions(Supported, 52, 1, 64), new Random(1))));

    public static TheoryData<TdiState, string, uint, TdiState> Table()
    {
        const uint state = (uint)TdispErrorCode.InvalidInterfaceState;
        const uint unsupported = (uint)TdispErrorCode.UnsupportedRequest;
        TheoryData<TdiState, string, uint, TdiState> table = [];
        foreach (TdiState from in Enum.GetValues<TdiState>())
        {
            table.Add(from, "version", 0, from);
            table.Add(from, "capabilities", 0, from);
            table.Add(from, "state", 0, from);
            table.Add(from, "lock", from == TdiState.ConfigUnlocked ? 0 : state, from == TdiState.ConfigUnlocked ? TdiState.ConfigLocked : from);
            table.Add(from, "report", from is TdiState.ConfigLocked or TdiState.Run ? 0 : state, from);
            table.Add(from, "start", from == TdiState.ConfigLocked ? 0 : state, from == TdiState.ConfigLocked ? TdiState.Run : from);
            table.Add(from, "wrong start", from == TdiState.ConfigLocked ? (uint)TdispErrorCode.InvalidNonce : state, from);
            table.Add(from, "stop", 0, TdiState.ConfigUnlocked);
            table.Add(from, "bind p2p", from == TdiState.Run ? unsupported : state, from);
            table.Add(from, "unbind p2p", from == TdiState.Run ? unsupported : state, from);
            table.Add(from, "attribute", from == TdiState.Run ? unsupported : state, from);
            table.Add(from, "vendor", unsupported, from);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_request_in_every_state(TdiState from, string request, uint error, TdiState to)
    {
        byte[] nonce = Enter(from);
        MessageResult result = Send(request, nonce);

        Assert.Equal(error == 0 ? MessageFailure.None : MessageFailure.ErrorResponse, result.Failure);
        Assert.Equal(error, result.ErrorCode);
        Assert.Equal(to, _device.State);
    }

    [Fact]
    public void The_version_is_1_0()
    {
        byte[] versions = new byte[4];
        Assert.True(_requester.TryGetTdispVersion(TdispConstants.TdispVersion10, Id(), out _, versions, out int length).IsOk);
        Assert.Equal(TdispConstants.TdispVersion10, Assert.Single(versions[..length]));
    }

    [Fact]
    public void The_capabilities_are_what_validators_want()
    {
        Assert.True(_requester.TryGetTdispCapabilities(TdispConstants.TdispVersion10, Id(), 0, out TdispCapabilitiesResponse response).IsOk);
        ReadOnlySpan<byte> bits = response.ReqMsgsSupported;

        Assert.Equal(0u, response.DsmCaps);
        Assert.Equal(0x7F, bits[0] & 0x7F);
        Assert.Equal(0, bits[1] & 0xF8);
        Assert.True(bits[2..].IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(0, (ushort)response.LockInterfaceFlagsSupported & 0xFFE0);
        Assert.True(response.DevAddrWidth >= 52);
        Assert.True(response.NumReqThis > 0 && response.NumReqAll > 0);
    }

    [Fact]
    public void Lock_without_IDE_keys_is_an_invalid_request()
    {
        _device.Refusal = TdispErrorCode.InvalidRequest;

        Assert.Equal((uint)TdispErrorCode.InvalidRequest, Send("lock", []).ErrorCode);
        Assert.Equal(TdiState.ConfigUnlocked, _device.State);
    }

    [Fact]
    public void Lock_with_an_unsupported_flag_or_an_uneven_offset_is_an_invalid_request()
    {
        Assert.Equal((uint)TdispErrorCode.InvalidRequest, Lock(LockFlags.BindP2p, 0, out _).ErrorCode);
        Assert.Equal((uint)TdispErrorCode.InvalidRequest, Lock(LockFlags.NoFwUpdate, 0x801, out _).ErrorCode);
        Assert.Equal(TdiState.ConfigUnlocked, _device.State);
    }

    [Fact]
    public void Each_lock_has_a_nonce_of_its_own_and_the_old_one_starts_nothing()
    {
        byte[] first = Enter(TdiState.ConfigLocked);
        Send("stop", []);
        byte[] second = Enter(TdiState.ConfigLocked);

        Assert.NotEqual(first, second);
        Assert.Equal((uint)TdispErrorCode.InvalidNonce, Send("start", first).ErrorCode);
        Assert.Equal(TdiState.ConfigLocked, _device.State);
        Assert.True(Send("start", second).IsOk);
    }

    [Fact]
    public void A_nonce_that_differs_in_any_bit_starts_nothing()
    {
        byte[] nonce = Enter(TdiState.ConfigLocked);
        for (int bit = 0; bit < nonce.Length * 8; bit++)
        {
            byte[] wrong = [.. nonce];
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal((uint)TdispErrorCode.InvalidNonce, Send("start", wrong).ErrorCode);
        }

        Assert.Equal(TdiState.ConfigLocked, _device.State);
    }

    [Theory]
    [InlineData(TdiState.ConfigLocked, 0xFFFF)]
    [InlineData(TdiState.ConfigLocked, 64)]
    [InlineData(TdiState.Run, 1)]
    [InlineData(TdiState.Run, 63)]
    public void The_report_comes_in_portions(TdiState state, int portion)
    {
        Enter(state);
        List<byte> report = [];
        ushort remainder;
        do
        {
            byte[] bytes = new byte[256];
            MessageResult result = _requester.TryGetDeviceInterfaceReport(
                TdispConstants.TdispVersion10, Id(), (ushort)report.Count, (ushort)portion, out TdispReportResponse response, bytes, out int length);
            Assert.True(result.IsOk);
            Assert.InRange(length, 1, Math.Min(portion, 64));
            report.AddRange(bytes[..length]);
            remainder = response.RemainderLength;
            Assert.Equal(Device.FullReport.Length - report.Count, remainder);
        }
        while (remainder > 0);

        Assert.Equal(Device.FullReport, report);
    }

    [Theory]
    [InlineData(0xFFFF, 1)]
    [InlineData(100, 1)]
    [InlineData(0, 0)]
    public void A_portion_that_isnt_there_is_an_invalid_request(ushort offset, ushort length)
    {
        Enter(TdiState.ConfigLocked);
        MessageResult result = _requester.TryGetDeviceInterfaceReport(TdispConstants.TdispVersion10, Id(), offset, length, out _, new byte[64], out _);
        Assert.Equal((uint)TdispErrorCode.InvalidRequest, result.ErrorCode);
    }

    [Fact]
    public void Another_interface_and_another_version_are_refused_and_change_nothing()
    {
        Assert.Equal((uint)TdispErrorCode.InvalidInterface, _requester.TryStopInterface(TdispConstants.TdispVersion10, Id(0x0103), out _).ErrorCode);
        Assert.Equal((uint)TdispErrorCode.VersionMismatch, _requester.TryStopInterface(0x11, Id(), out _).ErrorCode);
    }

    [Fact]
    public void A_violation_without_a_lock_isnt_one()
    {
        _device.Fail();
        Assert.Equal(TdiState.ConfigUnlocked, _device.State);
    }

    private byte[] Enter(TdiState state)
    {
        if (state == TdiState.ConfigUnlocked) return new byte[TdispConstants.StartNonceSize];
        Assert.True(Lock(LockFlags.NoFwUpdate, 0x1000, out byte[] nonce).IsOk);
        if (state == TdiState.Run) Assert.True(Send("start", nonce).IsOk);
        if (state == TdiState.Error) _device.Fail();
        Assert.Equal(state, _device.State);
        return nonce;
    }

    private MessageResult Lock(LockFlags flags, ulong offset, out byte[] nonce)
    {
        MessageResult result = _requester.TryLockInterface(TdispConstants.TdispVersion10, Id(), flags, 0, offset, 0, out TdispLockInterfaceResponse response);
        nonce = ((ReadOnlySpan<byte>)response.StartInterfaceNonce).ToArray();
        return result;
    }

    private MessageResult Send(string request, byte[] nonce)
    {
        const byte version = TdispConstants.TdispVersion10;
        return request switch
        {
            "version" => _requester.TryGetTdispVersion(version, Id(), out _, new byte[4], out _),
            "capabilities" => _requester.TryGetTdispCapabilities(version, Id(), 0, out _),
            "state" => _requester.TryGetDeviceInterfaceState(version, Id(), out _),
            "lock" => Lock(LockFlags.NoFwUpdate, 0x1000, out _),
            "report" => _requester.TryGetDeviceInterfaceReport(version, Id(), 0, 16, out _, new byte[16], out _),
            "start" => _requester.TryStartInterface(version, Id(), nonce, out _),
            "wrong start" => _requester.TryStartInterface(version, Id(), [.. nonce.Select(b => (byte)~b)], out _),
            "stop" => _requester.TryStopInterface(version, Id(), out _),
            "bind p2p" => _requester.TryBindP2pStream(version, Id(), 0, out _),
            "unbind p2p" => _requester.TryUnbindP2pStream(version, Id(), 0, out _),
            "attribute" => _requester.TrySetMmioAttribute(version, Id(), default, out _),
            _ => _requester.TrySendVendorDefined(version, Id(), [1], out _, new byte[4], out _),
        };
    }

    private static TdispInterfaceId Id(uint requesterId = 0x0102) => new() { FunctionId = new TdispFunctionId { RequesterId = requesterId } };

    private sealed class Device() : TdispInterface(new PciAddress(0, 0x0102))
    {
        public static byte[] FullReport { get; } = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

        public TdispErrorCode Refusal { get; set; }

        protected override TdispErrorCode CheckLock(LockFlags flags, byte streamId) => Refusal;

        protected override byte[] BuildReport() => FullReport;
    }

    private sealed class Wire(TdispResponder responder) : MessageTransport
    {
        public override SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
        {
            byte[] answer = new byte[512];
            int length = TdispDispatcher.Dispatch(responder, null, request, answer);
            answer.AsSpan(0, Math.Min(length, response.Length)).CopyTo(response);
            return SysResult.Of(length);
        }
    }
}
