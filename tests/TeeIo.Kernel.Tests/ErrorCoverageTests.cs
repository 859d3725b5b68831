using System.Reflection;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Tests;

/// <summary>What the spec says of errors, held against what the real kernel answered in all cases.</summary>
[Collection(nameof(GuestRun))]
public sealed class ErrorCoverageTests(GuestRun run)
{
    private static readonly CallInfo[] s_iommufd = [.. Calls(typeof(IommufdCalls))];

    // VFIO's own calls of the device file; what only other devices answer (migration, dirty logging, low power, graphics) isn't here.
    private static readonly CallInfo[] s_vfio =
    [
        VfioCalls.GetInfo, VfioCalls.GetRegionInfo, VfioCalls.GetIrqInfo, VfioCalls.SetIrqs, VfioCalls.Reset, VfioCalls.Feature, VfioCalls.FeatureDmaBuf, VfioCalls.BindIommufd, VfioCalls.AttachIommufdPt,
        VfioCalls.DetachIommufdPt,
    ];

    private static readonly CallInfo[] s_kvm =
    [
        KvmCalls.GetApiVersion, KvmCalls.CreateVm, KvmCalls.CheckExtension, KvmCalls.GetVcpuMmapSize, KvmCalls.CreateVcpu, KvmCalls.SetUserMemoryRegion2, KvmCalls.SetUserMemoryRegion,
        KvmCalls.CreateGuestMemfd, KvmCalls.SetMemoryAttributes, KvmCalls.CreateDevice, KvmCalls.VfioFileAdd, KvmCalls.VfioFileDel, KvmCalls.Run,
    ];

    [Fact]
    public void Every_call_has_succeeded_on_the_real_kernel()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        Assert.Equal(22, s_iommufd.Length);
        Assert.Empty(s_iommufd.Concat(s_vfio).Concat(s_kvm).Select(c => c.Name).Except(run.Outcomes.Where(o => o.Outcome == nameof(Errno.Ok)).Select(o => o.Call)));
    }

    [Fact]
    public void Every_error_that_the_spec_lists_was_seen_or_can_t_be_provoked_for_a_reason()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        HashSet<string> seen = [.. run.Outcomes.Select(o => $"{o.Call} {o.Outcome}")];
        string[] listed = [.. s_iommufd.Concat(s_vfio).Concat(s_kvm).SelectMany(c => c.Errors.Select(e => $"{c.Name} {e.Name}"))];
        Assert.Equal(Unprovoked.Reasons.Keys.Order(StringComparer.Ordinal), listed.Where(l => !seen.Contains(l)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_error_was_seen_that_the_spec_doesn_t_list()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        Dictionary<string, CallInfo> calls = new[] { typeof(IommufdCalls), typeof(VfioCalls), typeof(KvmCalls) }.SelectMany(Calls).ToDictionary(c => c.Name);
        Assert.DoesNotContain(run.Outcomes, o => o.Outcome != nameof(Errno.Ok) && calls.TryGetValue(o.Call, out CallInfo? call) && call.Errors.All(e => e.Name != o.Outcome));
    }

    private static IEnumerable<CallInfo> Calls(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<CallInfo>();
}
