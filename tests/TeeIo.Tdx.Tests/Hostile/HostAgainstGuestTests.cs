using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Hostile;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.DevInfo;
using TeeIo.Tdx.Guest;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Hostile;

/// <summary>A host against a TD: TDVMCALL's answers and TDCM buffers, which it can change at any time. The module tells the truth.</summary>
public sealed class HostAgainstGuestTests(ITestOutputHelper output)
{
    [Fact]
    public void No_lie_of_a_host_makes_a_guest_believe_what_the_module_does_not_say() => MutationRun.Run(output, "host against guest, TDX", Judge, share: 2);

    private static string? Judge(Mutation mutation)
    {
        var host = new LyingHost(mutation);
        var device = new GuestDevice(0x20);
        (device.BarBase[0], device.BarSize[0]) = (0x4000_0000, 8 * GuestMachine.PageSize);
        var tsm = new TdxGuestTsm(host, CrossingHub.Silent);
        byte[] room = new byte[GuestMachine.PageSize];
        if (tsm.Lock(device).IsOk && host.State != TdiState.ConfigLocked) return $"locked, and the module says {host.State}";
        foreach (EvidenceKind kind in (ReadOnlySpan<EvidenceKind>)[EvidenceKind.DeviceInfo, EvidenceKind.InterfaceReport])
        {
            SysResult evidence = tsm.Evidence(device, kind, room);
            bool isReport = kind == EvidenceKind.InterfaceReport;
            if (evidence.IsOk && !room.AsSpan(0, (int)evidence.Value).SequenceEqual(host.Evidence(isReport).AsSpan(isReport ? 0 : TdxDevInfo.ByteSize))) return $"{kind} that the module doesn't vouch for";
        }

        if (tsm.Accept(device).IsOk && !host.IsTrulyAccepted(device)) return $"accepted, and the module says {host.State}";
        return tsm.Unlock(device).IsOk && host.State is not (null or TdiState.ConfigUnlocked) ? $"given back, and the module says {host.State}" : null;
    }
}
