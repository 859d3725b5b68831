using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Platform.Hardware;

/// <summary>A virtual CPU that has left the guest, as the vendor's part of KVM sees it.</summary>
public interface IExitingVcpu
{
    /// <summary>Its VM.</summary>
    ConfidentialVm Vm { get; }

    /// <summary>Number of the vCPU in its VM, from 0.</summary>
    int Index { get; }

    /// <summary>Finds the host's page behind the shared side of a guest-physical address.</summary>
    /// <returns>False where the address is private or nothing is there.</returns>
    bool TryTranslateShared(ulong gpa, out ulong hpa);

    /// <summary>Makes pages private or shared, as KVM_SET_MEMORY_ATTRIBUTES does for user space.</summary>
    SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate);
}
