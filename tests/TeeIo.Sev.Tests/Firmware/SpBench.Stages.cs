using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Firmware;

/// <content>The commands, and the way from stage to stage.</content>
internal sealed partial class SpBench
{
    private ulong _request;
    private ulong[] _requestPages = [];
    private ulong[] _responsePages = [];
    private ulong[] _scratch = [];
    private ulong[] _output = [];
    private ulong[] _devPages = [];
    private ulong _secrets;
    private SpStage _stage;

    public void GoTo(SpStage stage)
    {
        while (_stage < stage) Enter(++_stage);
    }

    public SevRet Connect(byte tcMask = 1, byte stream = 1, byte slot = 0)
    {
        var argument = new TioDevConnect { SpdmCtrl = Buffers, DevCtxSla = Dev, TcMask = tcMask, CertSlot = slot };
        ((Span<byte>)argument.IdeStreamId).Fill(0xFF);
        argument.IdeStreamId[0] = stream;
        return Tio.TryDevConnect(argument);
    }

    public SevRet Disconnect(bool isForced = false) =>
        Tio.TryDevDisconnect(new TioDevDisconnect { Flags = isForced ? TioForceFlags.Force : TioForceFlags.None, SpdmCtrl = Buffers, DevCtxSla = Dev });

    public SevRet Measure(byte[]? nonce = null)
    {
        var argument = new TioDevMeasurements { Flags = TioMeasurementFlags.RawBitstream, SpdmCtrl = Buffers, DevCtxSla = Dev };
        nonce?.CopyTo((Span<byte>)argument.MeasNonce);
        return Tio.TryDevMeasurements(argument);
    }

    public SevRet Certificates() => Tio.TryDevCertificates(new TioDevCertificates { SpdmCtrl = Buffers, DevCtxSla = Dev });

    public SevRet RollKey() => Tio.TryRollKey(new TioRollKey { SpdmCtrl = Buffers, DevCtxSla = Dev });

    public SevRet CreateDevice(SlaId context, ushort? id = null) => Tio.TryDevCreate(new TioDevCreate { DevCtxSla = new(context.Value), DeviceId = id ?? Pf, RootPortId = 1 });

    /// <summary>Makes another device's context, and uses it from now on.</summary>
    public void UseDevice(SlaId context, ushort id)
    {
        Must(CreateDevice(context, id));
        Dev = new DevCtxId(context.Value);
    }

    public SevRet ReclaimDevice() => Tio.TryDevReclaim(new TioDevReclaim { DevCtxSla = Dev });

    public SevRet CreateTdi(SlaId context, ushort? rid = null) => Tio.TryTdiCreate(new TioTdiCreate
    {
        DevCtxSla = Dev,
        TdiCtxSla = new(context.Value),
        InterfaceId = new TdispInterfaceId { FunctionId = new TdispFunctionId { RequesterId = rid ?? Vf } },
    });

    public SevRet ReclaimTdi() => Tio.TryTdiReclaim(new TioTdiReclaim { DevCtxSla = Dev, TdiCtxSla = Tdi });

    public SevRet Bind(bool isRun = false, TdispLockIfFlags flags = TdispLockIfFlags.NoFwUpdate, GctxPaddrId? guest = null, ushort guestRid = GuestRid, TdiCtxId? tdi = null) =>
        Tio.TryTdiBind(new TioTdiBind
        {
            SpdmCtrl = Buffers,
            DevCtxSla = Dev,
            TdiCtxSla = tdi ?? Tdi,
            GctxPaddr = guest ?? Gctx,
            GuestDeviceId = guestRid,
            TdispLockIfFlags = flags,
            RunFlags = isRun ? TdiRunFlags.Run : TdiRunFlags.None,
        });

    public SevRet Unbind(bool isForced = false, GctxPaddrId? guest = null) => Tio.TryTdiUnbind(new TioTdiUnbind
    {
        Flags = isForced ? TioForceFlags.Force : TioForceFlags.None,
        SpdmCtrl = Buffers,
        DevCtxSla = Dev,
        TdiCtxSla = Tdi,
        GctxPaddr = guest ?? Gctx,
    });

    public SevRet Report() => Tio.TryTdiReport(new TioTdiReport { SpdmCtrl = Buffers, DevCtxSla = Dev, TdiCtxSla = Tdi, GctxPaddr = Gctx });

    public SevRet ReadState() => Tio.TryTdiStatus(new TioTdiStatusCmd { SpdmCtrl = Buffers, DevCtxSla = Dev, TdiCtxSla = Tdi, StatusPaddr = new(Output) });

    public TioTdiInfo Info()
    {
        Must(Tio.TryTdiInfo(new TioTdiInfoCmd { DevCtxSla = Dev, TdiCtxSla = Tdi, StatusPaddr = new(Output) }));
        TioTdiInfo.TryRead(Read(Output, TioTdiInfo.ByteSize), out TioTdiInfo info);
        return info;
    }

    public AsidFenceStatus Fence()
    {
        Must(Tio.TryAsidFenceStatus(new TioAsidFenceStatus { DevCtxSla = Dev, Asid = Asid, StatusPa = new(Output) }));
        AsidFenceStatus.TryRead(Read(Output, AsidFenceStatus.ByteSize), out AsidFenceStatus fence);
        return fence;
    }

    public SevRet ClearFence() => Tio.TryAsidFenceClear(new TioAsidFenceClear { DevCtxSla = Dev, GctxPaddr = Gctx });

    public SevRet Launch(ulong page, SnpPageType type) => Snp.TryLaunchUpdate(new SnpLaunchUpdate { GctxPaddr = Gctx, PageType = type, Address = new(page) });

    /// <summary>The object in the output buffer, without its header.</summary>
    public byte[] OutputData()
    {
        byte[] buffer = [.. _output.SelectMany(page => Read(page, (int)PageSize))];
        SpdmDobjHdrOutput.TryRead(buffer.AsSpan(0x40), out SpdmDobjHdrOutput header);
        return buffer[(0x40 + 0x20)..(0x40 + (int)header.Hdr.Length)];
    }

    /// <summary>Sends a sealed page about the TDI.</summary>
    public SevRet Send(byte[] page, out byte[] answer, bool isAboutTdi = true, TdiCtxId? tdi = null)
    {
        ulong request = Page();
        Memory.Write(request, page, KeyId.Shared);
        SevRet status = isAboutTdi
            ? Tio.TryGuestRequest(new TioGuestRequest { SpdmCtrl = Buffers, DevCtxSla = Dev, TdiCtxSla = tdi ?? Tdi, GctxPaddr = Gctx, ReqPaddr = new(request), ResPaddr = new(Output) })
            : Snp.TryGuestRequest(new SnpGuestRequest { GctxPaddr = Gctx, ReqPaddr = new(request), ResPaddr = new(Output) });
        answer = Read(Output, (int)PageSize);
        Memory.FreePage(request);
        return status;
    }

    /// <summary>Sends a plain message, which must be served, and opens the answer.</summary>
    public byte[] Ask(byte[] message, bool isAboutTdi = true)
    {
        Must(Send(Messages!.Seal(message), out byte[] answer, isAboutTdi));
        return Messages.Open(answer);
    }

    public MmioValidateRsp ValidateMmio(bool isValidated = true, uint count = 5, uint offset = 0, ulong gpa = MmioGpa, ushort range = 0, bool isForced = false, ulong? id = null)
    {
        byte[] message = new byte[MmioValidateReq.ByteSize];
        MmioValidateFlags flags = (isValidated ? MmioValidateFlags.Validated : MmioValidateFlags.None) | (isForced ? MmioValidateFlags.ForceValidated : MmioValidateFlags.None);
        TioGuestMessages.WriteTioMmioValidate(message, new(id ?? Tdi.Value), gpa / PageSize, count, offset, flags, range);
        Assert.True(TioGuestMessages.ReadTioMmioValidateResponse(Ask(message), out MmioValidateRsp response).IsOk);
        return response;
    }

    public SdteWriteStatus WriteSdte(Sdte sdte, ulong? id = null)
    {
        byte[] message = new byte[SdteWriteReq.ByteSize];
        TioGuestMessages.WriteTioSdteWrite(message, new(id ?? Tdi.Value), sdte);
        Assert.True(TioGuestMessages.ReadTioSdteWriteResponse(Ask(message), out SdteWriteRsp response).IsOk);
        return response.Status;
    }

    /// <summary>Assigns the pages of the TDI's BAR to the guest, as KVM does before the guest accepts them.</summary>
    public void AssignMmio(bool isImmutable = true)
    {
        for (ulong i = 0; i < 5; i++)
        {
            Must(Rmp(Bar + (i * PageSize), Asid, MmioGpa + (i * PageSize), isImmutable));
            Tables.Pages[(Cpu.Vm, MmioGpa + (i * PageSize))] = Bar + (i * PageSize);
        }
    }

    public void ReclaimMmio()
    {
        for (ulong i = 0; i < 5; i++) Must(Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(Bar + (i * PageSize)) }));
    }

    private void Enter(SpStage stage)
    {
        switch (stage)
        {
            case SpStage.Booted: Boot(); break;
            case SpStage.Context:
                Context = FirmwarePage();
                Must(Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = Gctx }));
                break;
            case SpStage.Launching:
                Must(Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = Gctx, Policy = SnpPolicy.MustBeOne | SnpPolicy.Smt }));
                Must(Snp.TryActivate(new SnpActivate { GctxPaddr = Gctx, Asid = Asid }));
                break;
            case SpStage.Guest: LaunchGuest(); break;
            case SpStage.Device:
                _devPages = [FirmwarePage(), FirmwarePage()];
                Dev = new DevCtxId(Several(_devPages).Value);
                Must(CreateDevice(new(Dev.Value)));
                break;
            case SpStage.Connected:
                Assert.True(Port.TryOpen(1, 0, ushort.MaxValue, out _));
                MustConverse(() => Connect());
                break;
            case SpStage.Tdi:
                Tdi = new TdiCtxId(FirmwarePage());
                Must(CreateTdi(new(Tdi.Value)));
                break;
            case SpStage.Locked: MustConverse(() => Bind()); break;
            case SpStage.Running: MustConverse(() => Bind(isRun: true)); break;
            case SpStage.Accepted:
                AssignMmio();
                Assert.Equal(MmioValidateStatus.Success, ValidateMmio().Status);
                ReclaimMmio();
                Assert.Equal(SdteWriteStatus.Success, WriteSdte(new Sdte { V = true, Ir = true, Iw = true, VtomEn = true, Vtom = (uint)(TioGuestConstants.DefaultVtom >> TioGuestConstants.VtomShift) }));
                break;
            case SpStage.Unbound: MustConverse(() => Unbind()); break;
            case SpStage.Reclaimed:
                Must(ReclaimTdi());
                Return(Tdi.Value);
                for (ulong i = 0; i < 5; i++) Must(Rmp(Bar + (i * PageSize), 0, isAssigned: false));
                break;
            case SpStage.Disconnected:
                MustConverse(() => Disconnect());
                Port.Close(1);
                break;
            case SpStage.Gone:
                Must(ReclaimDevice());
                foreach (ulong page in _devPages) Return(page);
                break;
            case SpStage.GuestGone: DestroyGuest(); break;
        }
    }

    private void Boot()
    {
        Must(Snp.TryInitEx(new SnpInitEx { Flags = SnpInitFlags.InitRmp | SnpInitFlags.TioEn }));
        Sp.WriteBackCaches();
        Must(Snp.TryDfFlush());
        Must(Tio.TryInit(default));
        Output = FirmwarePage();
        _requestPages = [FirmwarePage(), FirmwarePage()];
        _responsePages = [Page(), Page()];
        _scratch = [FirmwarePage()];
        _output = [FirmwarePage()];
        (_request, Response) = (_requestPages[0], _responsePages[0]);
        foreach (ulong[] pages in new[] { _requestPages, _responsePages, _scratch, _output }) SetCapacity(pages[0], pages.Length * (int)PageSize);
        Buffers = new SpdmCtrl { Req = Several(_requestPages), Resp = Several(_responsePages), Scratch = Several(_scratch), Output = Several(_output) };
    }

    private void LaunchGuest()
    {
        (Ram, _secrets) = (Page(), Page());
        Memory.Write(Ram, "the kernel"u8, KeyId.Shared);
        Must(Rmp(Ram, Asid, RamGpa, isImmutable: true));
        Must(Launch(Ram, SnpPageType.Normal));
        Must(Rmp(_secrets, Asid, SecretsGpa, isImmutable: true));
        Must(Launch(_secrets, SnpPageType.Secrets));
        Must(Snp.TryLaunchFinish(new SnpLaunchFinish { GctxPaddr = Gctx }));
        Tables.Pages[(Cpu.Vm, RamGpa)] = Ram;
        Tables.Pages[(Cpu.Vm, SecretsGpa)] = _secrets;
        byte[] key = new byte[32];
        Memory.Read(_secrets + 0x20, key, new KeyId((ushort)Asid));
        Messages = new GuestPort(key);
    }

    private void DestroyGuest()
    {
        Must(Snp.TryDecommission(new SnpDecommission { GctxPaddr = Gctx }));
        Return(Context!.Value);
        Context = null;
        Must(Rmp(Ram, 0, isAssigned: false));
        Must(Rmp(_secrets, 0, isAssigned: false));
        foreach (ulong page in (ulong[])[Output, .. _requestPages, .. _scratch, .. _output]) Return(page);
        Sp.WriteBackCaches();
        Must(Snp.TryDfFlush());
    }
}
