using TeeIo.Platform;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.GuestRequest;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Module;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A vendor as the explorer uses it, or a defect put into it on purpose.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Platform">Makes its part of a machine.</param>
/// <param name="Request">A request that reads the interface report.</param>
internal sealed record ExploredVendor(string Name, Func<SoftwareMachine, IVendorPlatform> Platform, byte[] Request)
{
    public static ExploredVendor Tdx { get; } = new("tdx", machine => new TdxPlatform(machine), MakeTdxRequest());

    public static ExploredVendor Sev { get; } = new("sev", machine => new SevPlatform(machine), MakeSevRequest());

    /// <summary>Wraps the host's TSM driver.</summary>
    public Func<IHostTsm, IHostTsm>? WrapDriver { get; init; }

    /// <summary>Wraps the TSM core.</summary>
    public Func<ITsmCore, Scheduling.IActorScheduler, ITsmCore>? WrapCore { get; init; }

    public static ExploredVendor Find(string name) => name == "tdx" ? Tdx : Sev;

    public override string ToString() => Name;

    private static byte[] MakeTdxRequest()
    {
        byte[] request = new byte[TdxGuestRequest.ByteSize];
        new TdxGuestRequest { Version = GuestRequestConstants.Version, Operation = GuestRequestOperation.InfoReport }.Write(request);
        return request;
    }

    private static byte[] MakeSevRequest()
    {
        byte[] request = new byte[SevGuestRequest.ByteSize];
        new SevGuestRequest { Version = SevGuestRequestConstants.Version, Operation = SevRequestOperation.Report }.Write(request);
        return request;
    }
}
