using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Platform;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Tests.Drivers;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>KVM's side of the GHCB: pages that guests write by hand, wrong ones above all, and answers of user space that can't be.</summary>
public sealed class KvmGhcbTests : IDisposable, IExitingVcpu
{
    private const ulong Ghcb = 0x5000;
    private const ulong Request = 0x6000;
    private const ulong Response = 0x7000;
    private const ulong Data = 0x8000;
    private const ulong Mandatory = 0x001C000000000000;
    private const ulong WithRegisters = Mandatory | 0xE00000000;
    private const uint TioGuestRequest = 0x80000020;
    private const uint TioOp = 0x80000021;
    private readonly HostFixture _host = new HostFixture().Connected();
    private readonly PhysicalMemory _memory = new(64, seed: 1);
    private readonly Dictionary<ulong, ulong> _shared = [];
    private readonly List<string> _conversions = [];
    private readonly byte[] _exit = new byte[KvmUserVmgexitTioReq.ByteSize];
    private readonly KvmGhcb _kvm;

    public KvmGhcbTests()
    {
        foreach (ulong gpa in (ulong[])[0, Ghcb, Request, Response, Data]) _shared[gpa] = _memory.AllocatePage();
        _kvm = new KvmGhcb(_memory, _host.Vms, _host.Memory);
    }

    public ConfidentialVm Vm => IsKnown ? _host.Vm : new Stranger();

    public int Index => 0;

    private bool IsKnown { get; set; } = true;

    private Errno Conversion { get; set; }

    [Fact]
    public void A_page_is_registered_where_it_is_shared_and_nowhere_else()
    {
        Assert.Equal(Ghcb | 0x013, _kvm.Answer(this, Ghcb | 0x012));
        Assert.Equal(0xFFFF_FFFF_FFFF_F013, _kvm.Answer(this, 0x9000 | 0x012));
        Assert.Equal(0xFFFF_FFFF_FFFF_F013, _kvm.Answer(this, 0xFFFF_FFFF_FFFF_F012));
    }

    [Theory]
    [InlineData(0x002UL, 0x0002_0001_3300_0001UL)]
    [InlineData(0x010UL, 0xFFFF_FFFF_FFFF_F011UL)]
    [InlineData(0x080UL, 0x81081UL)]
    [InlineData(0x004UL, 0UL)]
    [InlineData(0x100UL, 0UL)]
    [InlineData(0xFFFUL, 0UL)]
    public void The_MSR_protocol_answers_what_it_knows_and_nothing_else(ulong asked, ulong answer) => Assert.Equal(answer, _kvm.Answer(this, asked));

    [Theory]
    [InlineData(0UL)]
    [InlineData(Request)]
    public void A_page_that_was_never_registered_is_refused(ulong gpa)
    {
        Assert.Equal("398:2 3a0:1", Refused(gpa, (0x390, TioOp), (0x398, 0x20), (0x3F8, Mandatory)));
        Register();
        Assert.Equal("398:2 3a0:1", Refused(gpa, (0x390, TioOp), (0x398, 0x20), (0x3F8, Mandatory)));
    }

    [Fact]
    public void A_page_that_is_not_there_is_no_exit()
    {
        Register();
        Assert.False(_kvm.Enter(this, 0x9000, _exit));
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(0xFFFF_FFFFUL)]
    public void Another_usage_is_invalid(ulong usage)
    {
        Register();
        Assert.Equal("398:2 3a0:2", Refused(Ghcb, (0x390, TioOp), (0x398, 0x20), (0x3F8, Mandatory), (0xFF8, usage << 32)));
    }

    [Theory]
    [InlineData(TioOp, 0x20UL, 0UL, 0x0018000000000000UL, "398:2 3a0:4")]
    [InlineData(TioOp, 0x20UL, 0UL, 0UL, "398:2 3a0:4")]
    [InlineData(TioOp, 0x20UL, 1UL, Mandatory, "398:2 3a0:5")]
    [InlineData(TioOp, 4UL << 32, 0UL, Mandatory, "398:2 3a0:5")]
    [InlineData(TioOp, 0xFFFF_FFFFUL << 32, 0UL, Mandatory, "398:2 3a0:5")]
    [InlineData(0x80000023u, 0UL, 0UL, Mandatory, "398:2 3a0:6")]
    [InlineData(0u, 0UL, 0UL, Mandatory, "398:2 3a0:6")]
    [InlineData(uint.MaxValue, 0UL, 0UL, Mandatory, "398:2 3a0:6")]
    [InlineData(0x80000003u, 0UL, 0UL, Mandatory, "398:2 3a0:6")]
    public void A_malformed_call_has_its_reason(uint code, ulong first, ulong second, ulong bitmap, string answer)
    {
        Register();
        Assert.Equal(answer, Refused(Ghcb, (0x390, code), (0x398, first), (0x3A0, second), (0x3F8, bitmap)));
    }

    [Fact]
    public void An_operation_leaves_for_user_space_and_comes_back_with_its_answer()
    {
        Register();
        Assert.True(Enter(Ghcb, (0x390, TioOp), (0x398, 0x20), (0x3F8, Mandatory)));
        Assert.True(KvmUserVmgexitTioOp.TryRead(_exit, out KvmUserVmgexitTioOp op));
        Assert.Equal((KvmVmgexitType.TioOp, 0x20u, (byte)0), (op.Type, op.GuestRid.Value, op.Op));
        op.FwTdiId = new TdiId(0x1234);
        op.Write(_exit);
        _kvm.Complete(this, _exit);
        Assert.Equal("308:1234", Text(0x308, 0x398, 0x3A0));
    }

    [Theory]
    [InlineData(Request + 1, Response, Data)]
    [InlineData(Request, Response + 8, Data)]
    [InlineData(Request, Response, Data + 0x800)]
    [InlineData(Request, Request, Data)]
    [InlineData(0x9000UL, Response, Data)]
    [InlineData(Request, 0x9000UL, Data)]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, Response, Data)]
    public void Pages_that_can_not_be_are_invalid_input_and_are_not_announced(ulong request, ulong response, ulong data)
    {
        Register();
        Kind(SnpMsgType.TioTdiInfoReq);
        Assert.Equal("398:2 3a0:5", Refused(Ghcb, Message(request, response, data, 1)));
        Assert.False(_host.Known.IsAnnounced(_shared[Request], _shared[Response]));
    }

    [Theory]
    [InlineData(SnpMsgType.TioTdiInfoReq, 0x10UL, 0u)]
    [InlineData(SnpMsgType.TioSdteWriteReq, 2UL, 0u)]
    [InlineData(SnpMsgType.TioSdteWriteReq, 1UL << 52, 0u)]
    [InlineData(SnpMsgType.TioMmioValidateReq, 0x8000_0000_4000_0000UL, 0u)]
    [InlineData(SnpMsgType.TioMmioValidateReq, 0x8000_0000_4000_0001UL, 1u)]
    [InlineData(SnpMsgType.TioMmioValidateReq, 0x4000_0000_4000_0000UL, 1u)]
    [InlineData(SnpMsgType.TioMmioConfigReq, 0UL, 0u)]
    [InlineData(SnpMsgType.ReportReq, 0UL, 0u)]
    [InlineData(SnpMsgType.TioTdiInfoRsp, 0UL, 0u)]
    [InlineData(SnpMsgType.Invalid, 0UL, 0u)]
    [InlineData((SnpMsgType)0xFF, 0UL, 0u)]
    public void A_message_that_does_not_fit_its_parameter_is_invalid_input(SnpMsgType kind, ulong parameter, uint mmioPages)
    {
        Register();
        Kind(kind);
        Assert.Equal("398:2 3a0:5", Refused(Ghcb, Message(Request, Response, Data, parameter, mmioPages)));
        Assert.Empty(_conversions);
        Assert.False(_host.Known.IsAnnounced(_shared[Request], _shared[Response]));
    }

    [Fact]
    public void A_message_is_announced_until_user_space_has_answered()
    {
        Register();
        Kind(SnpMsgType.TioTdiInfoReq);
        Assert.True(Enter(Ghcb, Message(Request, Response, Data, 0xF)));
        Assert.True(KvmUserVmgexitTioReq.TryRead(_exit, out KvmUserVmgexitTioReq exit));
        Assert.Equal((KvmVmgexitType.TioReq, 0x20u, _shared[Request], _shared[Response]), (exit.Type, exit.GuestRid.Value, exit.ReqSpa, exit.RspSpa));
        Assert.Equal(KvmTioReqFlags.State | KvmTioReqFlags.Certs | KvmTioReqFlags.Meas | KvmTioReqFlags.Report, exit.Flags);
        Assert.True(_host.Known.IsAnnounced(exit.ReqSpa, exit.RspSpa));
        Assert.False(_host.Known.IsAnnounced(exit.RspSpa, exit.ReqSpa));
        (exit.TdiStatus, exit.FwErr) = (TdiState.Run, (int)SevRet.InvalidTdiState);
        exit.Write(_exit);
        _kvm.Complete(this, _exit);
        Assert.False(_host.Known.IsAnnounced(exit.ReqSpa, exit.RspSpa));
        Assert.Equal("310:2 3a0:3c", Text(0x310, 0x398, 0x3A0));
    }

    [Fact]
    public void What_user_space_writes_elsewhere_into_its_exit_changes_nothing()
    {
        Register();
        Kind(SnpMsgType.TioMmioValidateReq);
        Assert.True(Enter(Ghcb, Message(Request, Response, 0, 0x8000_0000_4000_0000, mmioPages: 2)));
        Assert.Equal(["4000_0000+2000 private"], _conversions);
        _exit.AsSpan().Fill(0xEE);
        _kvm.Complete(this, _exit);
        Assert.Equal(["4000_0000+2000 private"], _conversions);
        Assert.False(_host.Known.IsAnnounced(_shared[Request], _shared[Response]));
        Assert.Equal(0UL, Word(0x398));
    }

    [Fact]
    public void An_answer_that_is_too_short_leaves_the_exit_as_it_was()
    {
        Register();
        Kind(SnpMsgType.TioTdiInfoReq);
        Assert.True(Enter(Ghcb, Message(Request, Response, 0, 1)));
        _kvm.Complete(this, _exit.AsSpan(..4));
        Assert.False(_host.Known.IsAnnounced(_shared[Request], _shared[Response]));
        Assert.Equal(string.Empty, Text(0x310, 0x398, 0x3A0));
    }

    [Fact]
    public void MMIO_that_KVM_can_not_make_private_is_a_generic_error_and_is_not_announced()
    {
        Register();
        Kind(SnpMsgType.TioMmioValidateReq);
        Conversion = Errno.EINVAL;
        Assert.False(Enter(Ghcb, Message(Request, Response, 0, 0x8000_0000_4000_0000, mmioPages: 2)));
        Assert.Equal("3a0:ffffffff00000000", Text(0x398, 0x3A0));
        Assert.False(_host.Known.IsAnnounced(_shared[Request], _shared[Response]));
    }

    [Fact]
    public void MMIO_that_goes_back_becomes_shared_after_the_message_only()
    {
        Register();
        Kind(SnpMsgType.TioMmioValidateReq);
        Assert.True(Enter(Ghcb, Message(Request, Response, 0, 0x4000_0000, mmioPages: 2)));
        Assert.Empty(_conversions);
        _kvm.Complete(this, _exit);
        Assert.Equal(["4000_0000+2000 shared"], _conversions);
    }

    [Fact]
    public void A_message_of_a_VM_that_is_no_SNP_guest_is_a_generic_error()
    {
        Register();
        Kind(SnpMsgType.TioTdiInfoReq);
        IsKnown = false;
        Assert.False(Enter(Ghcb, Message(Request, Response, 0, 1)));
        Assert.Equal("3a0:ffffffff00000000", Text(0x398, 0x3A0));
    }

    public bool TryTranslateShared(ulong gpa, out ulong hpa) => _shared.TryGetValue(gpa, out hpa);

    public SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate)
    {
        _conversions.Add($"{gpa >> 16:x}_{gpa & 0xFFFF:x4}+{length:x} {(isPrivate ? "private" : "shared")}");
        return Conversion == Errno.Ok ? SysResult.Ok : Conversion;
    }

    public void Dispose() => _memory.Dispose();

    private static (int Offset, ulong Value)[] Message(ulong request, ulong response, ulong data, ulong parameter, uint mmioPages = 0) =>
    [
        (0x1F8, data), (0x308, ((ulong)mmioPages << 32) | 0x20), (0x310, parameter), (0x318, 8), (0x390, TioGuestRequest), (0x398, request), (0x3A0, response),
        (0x3F0, 1UL << 63), (0x3F8, WithRegisters),
    ];

    private void Register() => _kvm.Answer(this, Ghcb | 0x012);

    /// <summary>Says in the request's header which kind of message it is.</summary>
    private void Kind(SnpMsgType kind) => _memory.Write(_shared[Request] + 0x34, [(byte)kind], KeyId.Shared);

    private bool Enter(ulong gpa, params (int Offset, ulong Value)[] words)
    {
        byte[] page = new byte[GhcbPage.ByteSize];
        foreach ((int offset, ulong value) in words) BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
        if (_shared.TryGetValue(gpa, out ulong hpa)) _memory.Write(hpa, page, KeyId.Shared);
        return _kvm.Enter(this, gpa, _exit);
    }

    private string Refused(ulong gpa, params (int Offset, ulong Value)[] words)
    {
        Assert.False(Enter(gpa, words));
        return Text(gpa, 0x398, 0x3A0);
    }

    private string Text(params int[] offsets) => Text(Ghcb, offsets);

    private string Text(ulong gpa, params int[] offsets)
    {
        List<string> words = [];
        foreach (int offset in offsets)
        {
            ulong word = Word(offset, gpa);
            if (word != 0) words.Add($"{offset:x}:{word:x}");
        }

        return string.Join(' ', words);
    }

    private ulong Word(int offset, ulong gpa = Ghcb)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        _memory.Read(_shared[gpa] + (ulong)offset, word, KeyId.Shared);
        return BinaryPrimitives.ReadUInt64LittleEndian(word);
    }

    private sealed class Stranger() : ConfidentialVm(9, "vm9");
}
