using TeeIo.Kernel.Guest.Conformance.Scripts;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>The conformance suite: each script runs on the real kernel and on the software platform, and both must answer alike.</summary>
public static class Suite
{
    /// <summary>All scripts.</summary>
    public static IReadOnlyList<Script> All { get; } =
    [
        .. IoasScripts.All, .. PageTableScripts.All, .. ViommuScripts.All, .. VfioScripts.All, .. DmaBufScripts.All, .. LifetimeScripts.All, .. KvmScripts.All, .. RecordScripts.All,
    ];
}
