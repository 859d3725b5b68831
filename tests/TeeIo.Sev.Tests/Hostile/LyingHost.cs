using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Hostile;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Firmware.Platform;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>A guest's CPU above truthful firmware and a host that lies at one exit, which the mutation chooses.</summary>
internal sealed class LyingHost : GuestMachine
{
    private const int Exits = 16;

    // One guest at a time: a fresh memory for each would cost more than all the rest.
    private static readonly byte[] s_memory = new byte[1 << 17];
    private readonly byte[] _secrets = new byte[PageSize];
    private readonly Dictionary<int, Stack<ulong>> _free = [];
    private readonly List<byte[]> _pages = [];
    private readonly Mutation _mutation;
    private readonly Cpu _cpu;
    private readonly int _lieAt;
    private readonly int _lie;
    private ulong _next = 0x1000;
    private int _exits;
    private int _readsToChange = -1;
    private TimeSpan _slept;

    public LyingHost(Mutation mutation)
    {
        (_mutation, _cpu, _lieAt, _lie) = (mutation, new Cpu(this), mutation.Below(Exits), mutation.Below(8));
        s_memory.AsSpan().Clear();
        var secrets = default(SnpSecretsPage);
        Firmware.Key.CopyTo((Span<byte>)secrets.Vmpck0);
        secrets.Write(_secrets);
    }

    public TruthfulFirmware Firmware { get; } = new();

    public override string Name => "vm0/vcpu0";

    public override int Index => 0;

    public override TimeProvider Time => TimeProvider.System;

    public override ModelRegisterTransport Instructions => _cpu;

    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        if (!isPrivate && _readsToChange-- == 0) _mutation.Scribble(s_memory.AsSpan((int)gpa, PageSize));
        (gpa >= SnpGuestConstants.SecretsGpa ? _secrets.AsSpan(0, destination.Length) : s_memory.AsSpan((int)gpa, destination.Length)).CopyTo(destination);
        return true;
    }

    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate)
    {
        source.CopyTo(gpa >= SnpGuestConstants.SecretsGpa ? _secrets : s_memory.AsSpan((int)gpa));
        return true;
    }

    public override ulong AllocatePages(int count, bool isPrivate)
    {
        if (_free.TryGetValue(count, out Stack<ulong>? free) && free.TryPop(out ulong page)) return page;
        page = _next;
        _next += (ulong)count * PageSize;
        return page;
    }

    public override void FreePages(ulong gpa, int count)
    {
        if (!_free.TryGetValue(count, out Stack<ulong>? free)) _free.Add(count, free = []);
        free.Push(gpa);
    }

    public override uint ReadConfig(ushort requesterId, int offset, int size) => uint.MaxValue;

    public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
    {
    }

    public override void Sleep(TimeSpan duration)
    {
        _slept += duration;
        Assert.True(_slept < TimeSpan.FromHours(1), "a busy host keeps a guest waiting for ever");
    }

    private static Span<byte> At(ulong gpa, int length) => s_memory.AsSpan((int)gpa, length);

    private ulong Exit(ulong msr)
    {
        bool lies = _exits++ == _lieAt;
        if (lies && _lie == 0) Firmware.Bind(isOther: _mutation.Once(2));
        if (msr % PageSize != 0)
        {
            ulong answer = AnswerMsr(msr);
            return lies ? _mutation.Change(answer) : answer;
        }

        // Dropped: the page stays as the guest wrote it, or is emptied.
        Span<byte> page = At(msr, PageSize);
        if (!(lies && _lie == 1)) AnswerCall(page, lies);
        else if (_mutation.Once(2)) page.Clear();
        byte[] kept = page.ToArray();
        if (lies && _lie == 2) _mutation.Scribble(page);
        if (lies && _lie == 3 && _pages.Count > 0) _pages[_mutation.Below(_pages.Count)].CopyTo(page);
        if (lies && _lie == 4) _readsToChange = _mutation.Below(4);
        _pages.Add(kept);
        return msr;
    }

    private static ulong AnswerMsr(ulong msr)
    {
        GhcbMsrGfn asked = RegisterBoundary.Unpack<GhcbMsrGfn>(msr);
        return asked.Info switch
        {
            GhcbMsrInfo.SevInfoReq => RegisterBoundary.Pack(new GhcbMsrSevInfo { Info = GhcbMsrInfo.SevInfoResp, CBit = 51, MinVersion = GhcbConstants.ProtocolMin, MaxVersion = GhcbConstants.ProtocolMax }),
            GhcbMsrInfo.HvFtReq => RegisterBoundary.Pack(new GhcbMsrFeatures { Info = GhcbMsrInfo.HvFtResp, Features = HvFeatures.Snp | HvFeatures.SevTio }),
            GhcbMsrInfo.RegGpaReq => RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.RegGpaResp, Gfn = asked.Gfn }),
            _ => 0,
        };
    }

    private void AnswerCall(Span<byte> page, bool lies)
    {
        GhcbCodec.Page.Read(page, out GhcbRegisters registers);
        new GhcbDispatcher(new Calls(this, lies)).Call(GhcbCalls.TioOp, ref registers);
        GhcbCodec.Page.Write(in registers, page);
    }

    /// <summary>The VMM's part, which carries messages to the firmware.</summary>
    private sealed class Calls(LyingHost host, bool lies) : UnknownGhcbCalls
    {
        public override GhcbStatus HvFeatures(out HvFeatures features)
        {
            features = default;
            return GhcbStatus.Success;
        }

        public override GhcbStatus TioOp(SbdfnId device, TioOp action, out TdiId tdiId, out SevRet fwError, out SnpVmmError vmmError)
        {
            (fwError, vmmError) = (SevRet.Success, SnpVmmError.None);
            TruthfulFirmware firmware = host.Firmware;
            switch (action)
            {
                case Ghcb.TioOp.Bind: firmware.Bind(isOther: false); break;
                case Ghcb.TioOp.Unbind: firmware.Unbind(); break;
                case Ghcb.TioOp.Run when firmware.State is not null: firmware.State = TdiState.Run; break;
                case Ghcb.TioOp.Stop when firmware.State is not null: firmware.State = TdiState.ConfigUnlocked; break;
                default: fwError = SevRet.InvalidParam; break;
            }

            tdiId = new TdiId(firmware.Tdi);
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
            (tdiState, vmmError) = (host.Firmware.State ?? TdiState.ConfigUnlocked, SnpVmmError.None);
            if (dataGpa != 0) Fill(dataGpa);
            byte[] request = At(requestGpa, PageSize).ToArray();
            byte[]? response = host.Firmware.Serve(request, out fwError);
            if (lies && host._lie == 5)
            {
                // The firmware has it, and the guest is told to send it again.
                vmmError = host._mutation.Once(2) ? SnpVmmError.Busy : SnpVmmError.InvalidLen;
                return GhcbStatus.Success;
            }

            if (lies && host._lie == 6) host.Firmware.Serve(host._pages.Count > 0 && host._mutation.Once(2) ? host._pages[^1] : request, out _);
            response?.CopyTo(At(responseGpa, PageSize));
            if (lies && host._lie == 7) host._mutation.Scribble(At(host._mutation.Once(2) && dataGpa != 0 ? dataGpa : responseGpa, PageSize));
            host._pages.Add(At(responseGpa, PageSize).ToArray());
            return GhcbStatus.Success;
        }

        private void Fill(ulong dataGpa)
        {
            TruthfulFirmware firmware = host.Firmware;
            TioBlobs.Write(
                [
                    (TioGuestConstants.CertificatesGuidLow, TioGuestConstants.CertificatesGuidHigh, firmware.Certificates),
                    (TioGuestConstants.MeasurementsGuidLow, TioGuestConstants.MeasurementsGuidHigh, firmware.Measurements),
                    (TioGuestConstants.ReportGuidLow, TioGuestConstants.ReportGuidHigh, firmware.Report),
                ],
                At(dataGpa, GhcbConstants.DataPages * PageSize));
        }
    }

    private sealed class Cpu(LyingHost host) : SevInstructions
    {
        public override RegisterTransport<RmpRegisters> Rmp => throw new NotSupportedException("The driver needs none of them.");

        public override ulong GhcbMsr { get; set; }

        public override void VmgExit() => GhcbMsr = host.Exit(GhcbMsr);
    }
}
