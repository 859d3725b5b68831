using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>A virtual CPU whose exits a test answers.</summary>
internal sealed class TestVcpu(ulong id = 1) : IVirtualCpu
{
    public ConfidentialVm Vm { get; } = new TestVm(id);

    public int Index => 0;

    public List<ulong> Faults { get; } = [];

    public Func<ulong, bool> OnFault { get; set; } = _ => false;

    public RegisterFile Shown { get; private set; }

    public ulong Answer { get; set; }

    public void ExitWithCall(ref RegisterFile registers)
    {
        Shown = registers;
        registers[Register.Rax] = Answer;
    }

    public bool ExitWithPrivateFault(ulong gpa, bool isWrite)
    {
        Faults.Add(gpa);
        return OnFault(gpa);
    }

    private sealed class TestVm(ulong id) : ConfidentialVm(id, $"vm{id}");
}
