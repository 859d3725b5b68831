using TeeIo.Sev.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>KVM's page tables, as a test likes them.</summary>
internal sealed class TestTables : INestedPageTables
{
    public Dictionary<(ConfidentialVm Vm, ulong Gpa), ulong> Pages { get; } = [];

    public bool TryTranslate(ConfidentialVm vm, ulong gpa, out ulong hpa)
    {
        bool isMapped = Pages.TryGetValue((vm, gpa & ~0xFFFUL), out ulong page);
        hpa = isMapped ? page + (gpa & 0xFFF) : 0;
        return isMapped;
    }
}
