using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware;

/// <summary>Hands each of SNP's commands to the part of the firmware that it concerns.</summary>
internal sealed class SnpCommands(
    PlatformState platform, FirmwarePages pages, ReverseMap rmp, GuestTable guests, Launch launch, Asids asids, GuestRequests requests) : ISnpFirmwareServer
{
    public SevRet PlatformStatus(in SnpPlatformStatusCmd argument) => platform.Describe(argument);

    public SevRet DfFlush() => asids.Flush();

    public SevRet InitEx(in SnpInitEx argument) => platform.Initialise(argument);

    public SevRet ShutdownEx(in SnpShutdownEx argument) => platform.ShutDown(argument);

    public SevRet Decommission(in SnpDecommission argument) => guests.Decommission(argument.GctxPaddr);

    public SevRet Activate(in SnpActivate argument) => guests.Activate(argument.GctxPaddr, argument.Asid);

    public SevRet GctxCreate(in SnpGctxCreate argument) => guests.Create(argument.GctxPaddr);

    public SevRet GuestRequest(in SnpGuestRequest argument) => requests.Serve(argument);

    public SevRet LaunchStart(in SnpLaunchStart argument) =>
        argument.MaEn || argument.ImiEn || argument.MaGctxPaddr.Value != 0 ? SevRet.Unsupported : guests.Start(argument.GctxPaddr, argument.Policy);

    public SevRet LaunchUpdate(in SnpLaunchUpdate argument) => launch.Update(argument);

    public SevRet LaunchFinish(in SnpLaunchFinish argument) => launch.Finish(argument);

    public SevRet PageReclaim(in SnpPageReclaim argument)
    {
        ulong page = pages.Physical(argument.Paddr.Value);
        return (page & SnpFirmwareConstants.Reclaim2m) != 0 ? SevRet.InvalidPageSize : rmp.Reclaim(page);
    }

    public SevRet FeatureInfo(in SnpFeatureInfoCmd argument) => platform.DescribeFeatures(argument);
}
