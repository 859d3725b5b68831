using TeeIo.Kernel.Guest.Cases;

namespace TeeIo.Kernel.Guest;

/// <summary>The table of cases: one row here is one test on the host.</summary>
public static class KernelCases
{
    /// <summary>All of them, in the order in which they run.</summary>
    public static IReadOnlyList<KernelCase> All { get; } =
    [
        .. RecordCases.All, .. IoasCases.All, .. PageTableCases.All, .. DirtyCases.All, .. FaultCases.All, .. ViommuCases.All, .. EduCases.All, .. VfioCases.All, .. KvmCases.All, .. SharedFlowCases.All, .. RefusalCases.All, .. FailNthCases.All,
    ];
}
