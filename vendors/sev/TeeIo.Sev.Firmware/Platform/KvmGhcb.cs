using TeeIo.Boundaries;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Platform;

/// <summary>A virtual CPU's GHCB on KVM's side. A call that user space serves is decoded when the guest leaves and answered from user space's words when it enters again, both by the same dispatcher.</summary>
/// <param name="memory">The machine's memory.</param>
/// <param name="vms">The VMs.</param>
/// <param name="mmio">KVM's private MMIO.</param>
internal sealed class KvmGhcb(PhysicalMemory memory, SevVmTable vms, SevConfidentialMemory mmio) : UnknownGhcbCalls
{
    private const byte EncryptionBit = 51;
    private const ushort GenericError = ushort.MaxValue;
    private GhcbStatus? _refusal;
    private ulong? _registered;
    private GhcbRegisters _registers;
    private ulong _page;
    private IExitingVcpu? _vcpu;
    private KvmUserVmgexitTioOp? _op;
    private KvmUserVmgexitTioReq? _request;
    private MmioRequest? _mmio;
    private IDisposable? _announced;
    private bool _isAnswering;

    protected override GhcbStatus Unknown => _refusal ?? base.Unknown;

    /// <summary>Answers a request of the MSR protocol. What it doesn't know is answered as nothing known.</summary>
    public ulong Answer(IExitingVcpu vcpu, ulong msr)
    {
        GhcbMsrGfn asked = RegisterBoundary.Unpack<GhcbMsrGfn>(msr);
        switch (asked.Info)
        {
            case GhcbMsrInfo.SevInfoReq:
                return RegisterBoundary.Pack(new GhcbMsrSevInfo { Info = GhcbMsrInfo.SevInfoResp, CBit = EncryptionBit, MinVersion = GhcbConstants.ProtocolMin, MaxVersion = GhcbConstants.ProtocolMax });
            case GhcbMsrInfo.HvFtReq:
                return RegisterBoundary.Pack(new GhcbMsrFeatures { Info = GhcbMsrInfo.HvFtResp, Features = Offered });
            case GhcbMsrInfo.PrefGpaReq:
                return RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.PrefGpaResp, Gfn = GhcbConstants.NoPreference });
            case GhcbMsrInfo.RegGpaReq:
                bool isThere = asked.Gfn <= ulong.MaxValue / PhysicalMemory.PageSize && vcpu.TryTranslateShared(asked.Gfn * PhysicalMemory.PageSize, out _);
                if (isThere) _registered = asked.Gfn * PhysicalMemory.PageSize;
                return RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.RegGpaResp, Gfn = isThere ? asked.Gfn : GhcbConstants.NoPreference });
            default:
                return 0;
        }
    }

    /// <summary>Handles a call in the page at <paramref name="gpa"/>.</summary>
    /// <returns>Whether user space has to serve it: <paramref name="exit"/> says what.</returns>
    public bool Enter(IExitingVcpu vcpu, ulong gpa, Span<byte> exit)
    {
        (_op, _request, _mmio, _vcpu) = (null, null, null, vcpu);
        if (!vcpu.TryTranslateShared(gpa, out _page)) return false;
        byte[] page = new byte[GhcbPage.ByteSize];
        memory.Read(_page, page, KeyId.Shared);
        GhcbCodec.Page.Read(page, out _registers);
        GhcbPage.TryRead(page, out GhcbPage head);
        _refusal = gpa != _registered ? GhcbStatus.NotRegistered : head.GhcbUsage != GhcbConstants.UsageStandard ? GhcbStatus.InvalidUsage : null;
        GhcbRegisters answer = _registers;
        Dispatch(ref answer);
        if (_op is { } op)
        {
            op.Write(exit);
            return true;
        }

        if (_request is { } request)
        {
            request.Write(exit);
            return true;
        }

        Write(answer);
        return false;
    }

    /// <summary>Takes user space's answer, and puts it into the page.</summary>
    public void Complete(IExitingVcpu vcpu, ReadOnlySpan<byte> exit)
    {
        _vcpu = vcpu;
        if (_op is not null && KvmUserVmgexitTioOp.TryRead(exit, out KvmUserVmgexitTioOp op)) _op = op;
        if (_request is not null && KvmUserVmgexitTioReq.TryRead(exit, out KvmUserVmgexitTioReq request)) _request = request;
        _announced?.Dispose();
        _announced = null;

        // The firmware has looked at the pages: they may change again, and those that were given back become the host's.
        if (_mmio is { } done)
        {
            mmio.ReclaimMmio(vcpu.Vm, done.Gpa, done.Pages);
            if (!done.IsPrivate) vcpu.SetPrivate(done.Gpa, done.Length, isPrivate: false);
        }

        _isAnswering = true;
        GhcbRegisters answer = _registers;
        Dispatch(ref answer);
        _isAnswering = false;
        Write(answer);
    }

    public override GhcbStatus HvFeatures(out HvFeatures features)
    {
        features = Offered;
        return _refusal ?? GhcbStatus.Success;
    }

    public override GhcbStatus TioOp(SbdfnId device, TioOp action, out TdiId tdiId, out SevRet fwError, out SnpVmmError vmmError)
    {
        (tdiId, fwError, vmmError) = (default, SevRet.Success, SnpVmmError.None);
        if (_refusal is { } refusal) return refusal;
        if (action > Ghcb.TioOp.Stop) return GhcbStatus.InvalidInput;
        if (_isAnswering) (tdiId, fwError) = (_op!.Value.FwTdiId, (SevRet)_op.Value.FwErr);
        else _op = new KvmUserVmgexitTioOp { Type = KvmVmgexitType.TioOp, GuestRid = device, Op = (byte)action };
        return GhcbStatus.Success;
    }

    public override GhcbStatus TioGuestRequest(
        ulong requestGpa,
        ulong responseGpa,
        ulong dataGpa,
        ref ulong dataPages,
        SbdfnId device,
        uint mmioPages,
        ulong parameter,
        out TdiState tdiState,
        out SevRet fwError,
        out SnpVmmError vmmError)
    {
        (tdiState, fwError, vmmError) = (TdiState.ConfigUnlocked, SevRet.Success, SnpVmmError.None);
        if (_refusal is { } refusal) return refusal;
        if (_isAnswering)
        {
            KvmUserVmgexitTioReq answered = _request!.Value;
            (tdiState, fwError, dataPages) = (answered.TdiStatus, (SevRet)answered.FwErr, answered.DataNpages);
            vmmError = answered.Ret == GenericError ? SnpVmmError.Generic : (SnpVmmError)answered.Ret;
            return GhcbStatus.Success;
        }

        if (!IsPage(requestGpa) || !IsPage(responseGpa) || !IsPage(dataGpa) || requestGpa == responseGpa) return GhcbStatus.InvalidInput;
        if (!_vcpu!.TryTranslateShared(requestGpa, out ulong request) || !_vcpu.TryTranslateShared(responseGpa, out ulong response)) return GhcbStatus.InvalidInput;
        var exit = new KvmUserVmgexitTioReq { Type = KvmVmgexitType.TioReq, GuestRid = device, DataGpa = dataGpa, DataNpages = dataPages, ReqSpa = request, RspSpa = response };
        if (!TryDescribe(TypeOf(request), parameter, mmioPages, ref exit)) return GhcbStatus.InvalidInput;
        if (vms.Find(_vcpu.Vm) is not { } vm || !Prepare())
        {
            vmmError = SnpVmmError.Generic;
            return GhcbStatus.Success;
        }

        _request = exit;
        _announced = vm.Announce(request, response);
        return GhcbStatus.Success;
    }

    private static HvFeatures Offered => Ghcb.HvFeatures.Snp | Ghcb.HvFeatures.SevTio;

    private static bool IsPage(ulong address) => address % PhysicalMemory.PageSize == 0;

    /// <summary>A message's kind isn't encrypted.</summary>
    private SnpMsgType TypeOf(ulong request)
    {
        Span<byte> header = stackalloc byte[SnpGuestMsgHdr.ByteSize];
        memory.Read(request, header, KeyId.Shared);
        return SnpGuestMsgHdr.TryRead(header, out SnpGuestMsgHdr read) ? read.MsgType : SnpMsgType.Invalid;
    }

    private bool TryDescribe(SnpMsgType type, ulong parameter, uint mmioPages, ref KvmUserVmgexitTioReq exit)
    {
        switch (type)
        {
            case SnpMsgType.TioTdiInfoReq:
                exit.Flags = FlagsOf((TioInfoFlags)parameter);
                return ((TioInfoFlags)parameter & ~(TioInfoFlags.State | TioInfoFlags.Certs | TioInfoFlags.Measurements | TioInfoFlags.Report)) == 0;
            case SnpMsgType.TioSdteWriteReq:
                TioSdteParam sdte = RegisterBoundary.Unpack<TioSdteParam>(parameter);
                exit.Flags = sdte.Validate ? KvmTioReqFlags.SdteValidate : KvmTioReqFlags.None;
                exit.Gpa = sdte.Vtom << TioGuestConstants.VtomShift;
                return sdte is { Reserved0: 0, Reserved1: 0 };
            case SnpMsgType.TioMmioValidateReq:
                TioMmioParam mmioParameter = RegisterBoundary.Unpack<TioMmioParam>(parameter);
                ulong gpa = mmioParameter.Gfn * PhysicalMemory.PageSize;
                exit.Flags = KvmTioReqFlags.MmioValidate;
                exit.Gpa = gpa;
                _mmio = new MmioRequest(gpa, mmioPages, mmioParameter.Private);
                return mmioPages != 0 && mmioParameter is { Reserved0: 0, Reserved1: 0 } && _mmio.Value.Length <= ulong.MaxValue - gpa;
            default:
                return false;
        }
    }

    /// <summary>The firmware looks only at pages of the guest that nobody can change meanwhile.</summary>
    private bool Prepare()
    {
        if (_mmio is not { } asked) return true;
        return asked.IsPrivate ? _vcpu!.SetPrivate(asked.Gpa, asked.Length, isPrivate: true).IsOk : mmio.HoldMmio(_vcpu!.Vm, asked.Gpa, asked.Pages).IsOk;
    }

    private static KvmTioReqFlags FlagsOf(TioInfoFlags wanted)
    {
        var flags = KvmTioReqFlags.None;
        if (wanted.HasFlag(TioInfoFlags.State)) flags |= KvmTioReqFlags.State;
        if (wanted.HasFlag(TioInfoFlags.Certs)) flags |= KvmTioReqFlags.Certs;
        if (wanted.HasFlag(TioInfoFlags.Measurements)) flags |= KvmTioReqFlags.Meas;
        if (wanted.HasFlag(TioInfoFlags.Report)) flags |= KvmTioReqFlags.Report;
        return flags;
    }

    // No crossing here: the guest's own call is one, and so is what user space does for it.
    private void Dispatch(ref GhcbRegisters registers) => new GhcbDispatcher(this).Call(GhcbCalls.TioOp, ref registers);

    private void Write(in GhcbRegisters answer)
    {
        byte[] page = new byte[GhcbPage.ByteSize];
        memory.Read(_page, page, KeyId.Shared);
        GhcbCodec.Page.Write(in answer, page);
        memory.Write(_page, page, KeyId.Shared);
    }

    /// <summary>Pages of MMIO that a message is about.</summary>
    private readonly record struct MmioRequest(ulong Gpa, uint Pages, bool IsPrivate)
    {
        public ulong Length => (ulong)Pages * PhysicalMemory.PageSize;
    }
}
