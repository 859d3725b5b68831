using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Firmware;

/// <summary>The RMP instructions of the host. The guest's own aren't the host's.</summary>
internal sealed class HostCpu(ReverseMap rmp, Func<ulong, ulong> physical) : IRmpServer
{
    public RmpResult Pvalidate(ulong address, RmpPageSize pageSize, bool validate, out bool unchanged)
    {
        unchanged = false;
        return RmpResult.FailPermission;
    }

    public RmpResult Rmpadjust(ulong address, RmpPageSize pageSize, byte targetVmpl, RmpPermissions permissions, bool vmsa) => RmpResult.FailPermission;

    public RmpResult Rmpupdate(ulong address, ulong gpa, RmpAttributes attributes) => rmp.Update(physical(address), gpa, attributes);

    public RmpResult Psmash(ulong address) => ReverseMap.Psmash();
}
