using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Hostile;
using TeeIo.Sev.Guest;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>A host against an SNP guest: the GHCB's MSR and page, the pages of encrypted messages, and the data buffer. The firmware tells the truth.</summary>
public sealed class HostAgainstGuestTests(ITestOutputHelper output)
{
    [Fact]
    public void No_lie_of_a_host_makes_a_guest_believe_what_the_firmware_does_not_say() => MutationRun.Run(output, "host against guest, SEV", Judge, share: 2);

    private static string? Judge(Mutation mutation)
    {
        var host = new LyingHost(mutation);
        TruthfulFirmware firmware = host.Firmware;
        var device = new GuestDevice(0x20);
        (device.BarBase[0], device.BarSize[0]) = (0x4000_0000, 8 * GuestMachine.PageSize);
        var tsm = new SevGuestTsm(host, new Random(mutation.Index), CrossingHub.Silent);
        byte[] room = new byte[GuestMachine.PageSize];
        if (tsm.Lock(device).IsOk && firmware.State is null) return "locked, and the firmware says unbound";
        SysResult info = tsm.Evidence(device, EvidenceKind.DeviceInfo, room);
        if (info.IsOk && !IsTrue(firmware, room.AsMemory(0, (int)info.Value))) return "device information that the firmware doesn't vouch for";
        SysResult report = tsm.Evidence(device, EvidenceKind.InterfaceReport, room);
        if (report.IsOk && !room.AsSpan(0, (int)report.Value).SequenceEqual(firmware.Report)) return "an interface report that the firmware doesn't vouch for";
        byte[] verified = SHA384.HashData(firmware.Certificates);
        if (tsm.Accept(device).IsOk && !(firmware.IsTrulyAccepted(device) && verified.AsSpan().SequenceEqual(SHA384.HashData(firmware.Certificates)))) return $"accepted, and the firmware says {firmware.State}";
        tsm.Unlock(device);
        return firmware.IsNumberUsedTwice ? "two messages under one number" : null;
    }

    private static bool IsTrue(TruthfulFirmware firmware, ReadOnlyMemory<byte> evidence) => evidence.Span.SequenceEqual((byte[])[.. firmware.Certificates, .. firmware.Measurements]);
}
