using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>A virtual CPU whose exits a test answers.</summary>
internal sealed class TestCpu(string name) : IVirtualCpu
{
    public ConfidentialVm Vm { get; } = new TestVm(name);

    public int Index => 0;

    public List<ulong> Faults { get; } = [];

    public Func<ulong, bool> OnFault { get; set; } = _ => false;

    public RegisterFile Shown { get; private set; }

    public ulong Answer { get; set; }

    public void ExitWithCall(ref RegisterFile registers)
    {
        Shown = registers;
        for (Register register = Register.R10; register <= Register.R15; register++) registers[register] = Answer;
    }

    public bool ExitWithPrivateFault(ulong gpa, bool isWrite)
    {
        Faults.Add(gpa);
        return OnFault(gpa);
    }

    private sealed class TestVm(string name) : ConfidentialVm(1, name);
}
