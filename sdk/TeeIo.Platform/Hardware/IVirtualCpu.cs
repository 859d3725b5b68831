using TeeIo.Tsm;

namespace TeeIo.Platform.Hardware;

/// <summary>A virtual CPU as firmware sees it: it runs on the guest's thread and can leave the guest.</summary>
public interface IVirtualCpu
{
    /// <summary>The VM.</summary>
    ConfidentialVm Vm { get; }

    /// <summary>Number of the vCPU in its VM, from 0.</summary>
    int Index { get; }

    /// <summary>Leaves the guest for the kernel with registers that the guest chose to show, and returns when the kernel enters it again; the kernel's answers are in
    /// <paramref name="registers"/> then.</summary>
    void ExitWithCall(ref Boundaries.RegisterFile registers);

    /// <summary>Leaves the guest for the kernel because it accepts <paramref name="gpa"/>, which isn't mapped privately yet. A plain access to such a page has a device's page mapped never.</summary>
    /// <returns>Whether the kernel has mapped it, so that it can be accepted now.</returns>
    bool ExitWithPrivateFault(ulong gpa, bool isWrite);
}
