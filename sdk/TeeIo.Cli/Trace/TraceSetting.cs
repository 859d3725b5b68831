using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using TeeIo.Flow;
using TeeIo.Flow.Ftrace;
using TeeIo.Linux.Kvm;

namespace TeeIo.Cli.Trace;

/// <summary>Which vendor's flow on which kernel a trace is held against.</summary>
/// <param name="Vendor">The vendor.</param>
/// <param name="Flow">Its flow under the kernel's profile.</param>
/// <param name="Reasons">How the two were found where they weren't named, in sentences.</param>
internal sealed record TraceSetting(TraceVendor Vendor, FlowProfile Flow, ImmutableArray<string> Reasons)
{
    /// <summary>Takes what was named, and finds the rest in the trace.</summary>
    /// <param name="recording">The trace.</param>
    /// <param name="vendorName">The vendor that was named, or null.</param>
    /// <param name="profileName">The profile that was named, or null.</param>
    /// <param name="setting">What was found.</param>
    /// <param name="problem">Why it can't be said.</param>
    public static bool TryFind(
        FtraceRecording recording, string? vendorName, string? profileName, [NotNullWhen(true)] out TraceSetting? setting, [NotNullWhen(false)] out string? problem)
    {
        (setting, problem) = (null, null);
        List<string> reasons = [];
        TraceVendor? vendor = vendorName is null ? FindVendor(recording, reasons) : Vendors.Traces.FirstOrDefault(v => v.Name == vendorName);
        if (vendor is null)
        {
            problem = $"there is no vendor '{vendorName}'; known: {string.Join(", ", Vendors.Names)}";
            return false;
        }

        if (profileName is not null && !KernelCalls.Profiles.Contains(profileName)) problem = $"there is no profile '{profileName}'; known: {string.Join(", ", KernelCalls.Profiles)}";
        string? profile = profileName ?? FindProfile(recording, reasons);
        if (profile is null) problem = $"the trace doesn't tell which kernel's it is: say which with --profile ({string.Join(", ", KernelCalls.Profiles)})";
        if (problem is not null) return false;
        if (vendor.Flows.FirstOrDefault(f => f.Profile == profile) is not { } flow) problem = $"{vendor.Name} has no flow under the profile '{profile}'";
        else setting = new TraceSetting(vendor, flow, [.. reasons]);
        return setting is not null;
    }

    private static TraceVendor FindVendor(FtraceRecording recording, List<string> reasons)
    {
        foreach (TraceVendor vendor in Vendors.Traces)
        {
            CallInfo? call = recording.Events.Select(e => vendor.Probes.FirstOrDefault(p => p.Event == e.Name)?.Find(e)).FirstOrDefault(c => c is not null);
            if (call is null) continue;
            reasons.Add($"vendor {vendor.Name}, since the trace has {call.Name}");
            return vendor;
        }

        FtraceEvent? made = recording.Events.FirstOrDefault(e => e.Name == "kvm" && Is(e, FtraceReader.Request, KvmCalls.CreateVm.Number) && e.TryGetNumber("arg", out ulong kind) && kind > 0);
        TraceVendor? owner = made is null ? null : Vendors.Traces.FirstOrDefault(v => Is(made, "arg", v.MachineType));
        reasons.Add(owner is null
            ? $"nothing in the trace tells the vendor; {Vendors.Traces[0].Name} is taken, --vendor takes another"
            : $"vendor {owner.Name}, since line {made!.Line} makes a VM of its kind");
        return owner ?? Vendors.Traces[0];
    }

    // Numbers mean different things in different profiles: only one that no other kernel has tells anything.
    private static string? FindProfile(FtraceRecording recording, List<string> reasons)
    {
        List<(string Server, ulong Request)> requests = [.. recording.Events.Where(e => e.Name is "iommufd" or "vfio")
            .Select(e => (e.Name, e.TryGetNumber(FtraceReader.Request, out ulong request) ? request : 0)).Distinct()];
        Dictionary<string, CallInfo> telling = [];
        bool isOpen = false;
        foreach ((string server, ulong request) in requests)
        {
            List<(string Profile, CallInfo Call)> owners = [.. KernelCalls.Profiles.SelectMany(p => KernelCalls.OwnTo(p).Where(c => c.Server == server && c.Number == request).Select(c => (p, c)))];
            bool isReleased = KernelCalls.IsReleased(server, request);
            if (owners.Select(o => o.Profile).Distinct().Count() == 1 && !isReleased) telling.TryAdd(owners[0].Profile, owners[0].Call);
            else if (owners.Count > 0 && !isReleased) isOpen = true;
        }

        // The released kernel has nobody who binds.
        bool isBound = recording.Events.Any(e => e.Name == "tsm_bind");
        if (telling.Count > 1 || (telling.Count == 0 && (isOpen || isBound))) return null;
        string profile = telling.Count == 1 ? telling.Keys.First() : KernelCalls.Released;
        reasons.Add(telling.Count == 1 ? $"profile {profile}, since no other has {telling[profile].Name}" : $"profile {profile}, since all calls in the trace are the released kernel's");
        return profile;
    }

    private static bool Is(FtraceEvent e, string field, ulong? value) => e.TryGetNumber(field, out ulong number) && number == value;
}
