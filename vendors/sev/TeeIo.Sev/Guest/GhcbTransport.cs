using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Guest;

/// <summary>A virtual CPU's GHCB: the shared page through which it calls its hypervisor. Opened by the MSR protocol: version, registration, features. What comes back is the host's word.</summary>
internal sealed class GhcbTransport : RegisterTransport<GhcbRegisters>
{
    private readonly GuestMachine _machine;
    private readonly SevInstructions _cpu;
    private readonly ulong _gpa;

    private GhcbTransport(GuestMachine machine, SevInstructions cpu, ulong gpa) => (_machine, _cpu, _gpa) = (machine, cpu, gpa);

    /// <summary>Opens the GHCB of a virtual CPU.</summary>
    /// <returns>Null where the hypervisor doesn't speak the protocol, doesn't register the page, or there is no page left.</returns>
    public static GhcbTransport? Open(GuestMachine machine, SevInstructions cpu)
    {
        GhcbMsrSevInfo info = RegisterBoundary.Unpack<GhcbMsrSevInfo>(Ask(cpu, RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.SevInfoReq })));
        if (info.Info != GhcbMsrInfo.SevInfoResp || info.MinVersion > GhcbConstants.ProtocolMax || info.MaxVersion < GhcbConstants.ProtocolMax) return null;
        ulong gpa = machine.AllocatePages(1, isPrivate: false);
        if (gpa == 0) return null;
        ulong gfn = gpa / GuestMachine.PageSize;
        GhcbMsrGfn registered = RegisterBoundary.Unpack<GhcbMsrGfn>(Ask(cpu, RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.RegGpaReq, Gfn = gfn })));
        if (registered.Info == GhcbMsrInfo.RegGpaResp && registered.Gfn == gfn) return new GhcbTransport(machine, cpu, gpa);
        machine.FreePages(gpa, 1);
        return null;
    }

    /// <summary>What the hypervisor offers.</summary>
    public static HvFeatures Features(SevInstructions cpu)
    {
        GhcbMsrFeatures answer = RegisterBoundary.Unpack<GhcbMsrFeatures>(Ask(cpu, RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.HvFtReq })));
        return answer.Info == GhcbMsrInfo.HvFtResp ? answer.Features : HvFeatures.None;
    }

    /// <inheritdoc/>
    public override void Call(CallInfo call, ref GhcbRegisters registers)
    {
        Span<byte> image = stackalloc byte[GhcbPage.ByteSize];
        image.Clear();
        new GhcbPage { ProtocolVersion = GhcbConstants.ProtocolMax, GhcbUsage = GhcbConstants.UsageStandard }.Write(image);
        GhcbCodec.Page.Write(in registers, image);
        registers = default;
        if (!_machine.TryWrite(_gpa, image, isPrivate: false)) return;
        _cpu.GhcbMsr = _gpa;
        _cpu.VmgExit();

        // Read once: what the host changes afterwards doesn't matter. Where the page is gone, nothing counts, and the caller sees a call that owes its answers.
        if (_machine.TryRead(_gpa, image, isPrivate: false)) GhcbCodec.Page.Read(image, out registers);
    }

    private static ulong Ask(SevInstructions cpu, ulong request)
    {
        cpu.GhcbMsr = request;
        cpu.VmgExit();
        return cpu.GhcbMsr;
    }
}
