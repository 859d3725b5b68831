using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Tsm;

namespace TeeIo.Flow.Ftrace;

/// <summary>Which calls the recorder's probes stand for, in one profile and for one vendor.</summary>
/// <param name="profile">The kernel's profile.</param>
/// <param name="vendor">The vendor.</param>
internal sealed class ProbeMeaning(string profile, TraceVendor vendor)
{
    // An entry of the TSM core that succeeds has called its driver: what is in between is the core's own.
    private static readonly Dictionary<string, IReadOnlyList<CallInfo>> s_core = new(StringComparer.Ordinal)
    {
        ["tsm_connect"] = [HostTsmCalls.Connect],
        ["tsm_disconnect"] = [HostTsmCalls.Disconnect],
        ["tsm_bind"] = [TsmCoreCalls.TsmBind, HostTsmCalls.Bind],
        ["tsm_unbind"] = [TsmCoreCalls.TsmUnbind, HostTsmCalls.Unbind],
        ["tsm_guest_req"] = [TsmCoreCalls.TsmGuestReq, HostTsmCalls.GuestReq],
    };

    // The files that ioctls go to. Of KVM's only a device's has sub-calls here: the same numbers mean other things to a VM or a vCPU.
    private static readonly Dictionary<string, (string Server, bool HasSubCalls)> s_files = new(StringComparer.Ordinal)
    {
        ["iommufd"] = (IommufdCalls.IoasAlloc.Server, true),
        ["vfio"] = (VfioCalls.BindIommufd.Server, true),
        ["kvm"] = (KvmCalls.CreateVm.Server, false),
        ["kvm_vm"] = (KvmCalls.CreateVm.Server, false),
        ["kvm_vcpu"] = (KvmCalls.CreateVm.Server, false),
        ["kvm_device"] = (KvmCalls.CreateVm.Server, true),
    };

    /// <summary>Whether an event begins a call; others only tell of names and files.</summary>
    public bool IsCall(string probe) => s_files.ContainsKey(probe) || s_core.ContainsKey(probe) || vendor.Probes.Any(p => p.Event == probe);

    /// <summary>The calls that an event begins, the outermost first; empty where nobody here knows it.</summary>
    public IReadOnlyList<CallInfo> Of(FtraceEvent e)
    {
        if (s_core.TryGetValue(e.Name, out IReadOnlyList<CallInfo>? core)) return core;
        CallInfo? call = s_files.TryGetValue(e.Name, out (string Server, bool HasSubCalls) file) ? Ioctl(e, file.Server, file.HasSubCalls) : vendor.Probes.FirstOrDefault(p => p.Event == e.Name)?.Find(e);
        return call is null ? [] : [call];
    }

    /// <summary>The names of all calls that a set of probes can show.</summary>
    public HashSet<string> Shown(IReadOnlySet<string> probes)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string probe in probes)
        {
            if (s_core.TryGetValue(probe, out IReadOnlyList<CallInfo>? core)) names.UnionWith(core.Select(c => c.Name));
            if (s_files.TryGetValue(probe, out (string Server, bool HasSubCalls) file))
                names.UnionWith(KernelCalls.Of(profile).Where(c => c.Server == file.Server && c.Number is not null && (file.HasSubCalls || c.Selectors.IsEmpty)).Select(c => c.Name));
            names.UnionWith(vendor.Probes.Where(p => p.Event == probe).SelectMany(p => p.Calls).Where(c => c.Number is not null).Select(c => c.Name));
        }

        return names;
    }

    private CallInfo? Ioctl(FtraceEvent e, string server, bool hasSubCalls)
    {
        if (!e.TryGetNumber(FtraceReader.Request, out ulong request)) return null;
        IReadOnlyList<CallInfo> candidates = KernelCalls.Find(profile, server, request);
        byte[] record = ProbeArguments.Words(e);
        return (hasSubCalls ? candidates.FirstOrDefault(c => !c.Selectors.IsEmpty && c.Selectors.All(s => ProbeArguments.Holds(record, s))) : null)
            ?? candidates.FirstOrDefault(c => c.Selectors.IsEmpty);
    }
}
