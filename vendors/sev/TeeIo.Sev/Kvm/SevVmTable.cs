using TeeIo.Tsm;

namespace TeeIo.Sev.Kvm;

/// <summary>The VMs that KVM has made known to the firmware.</summary>
public sealed class SevVmTable : INestedPageTables
{
    private readonly Dictionary<ConfidentialVm, SevVm> _vms = [];

    /// <summary>Host-physical address of a VM's context page, or null where the firmware doesn't know the VM.</summary>
    public ulong? ContextOf(ConfidentialVm vm) => Find(vm)?.Context;

    /// <summary>What KVM knows of a VM, or null.</summary>
    public SevVm? Find(ConfidentialVm vm) => _vms.GetValueOrDefault(vm);

    /// <inheritdoc/>
    public bool TryTranslate(ConfidentialVm vm, ulong gpa, out ulong hpa)
    {
        hpa = 0;
        return Find(vm) is { } guest && guest.TryTranslate(gpa, out hpa);
    }

    /// <summary>Adds a VM.</summary>
    /// <exception cref="ArgumentException">It is there already.</exception>
    public void Add(ConfidentialVm vm, SevVm guest) => _vms.Add(vm, guest);

    /// <summary>Removes a VM, if it is there.</summary>
    public void Remove(ConfidentialVm vm) => _vms.Remove(vm);
}
