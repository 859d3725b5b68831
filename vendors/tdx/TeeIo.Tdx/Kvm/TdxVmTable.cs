using TeeIo.Tsm;

namespace TeeIo.Tdx.Kvm;

/// <summary>The VMs that KVM has made known to the module.</summary>
public sealed class TdxVmTable
{
    private readonly Dictionary<ConfidentialVm, TdxVm> _vms = [];

    internal TdxVm? Find(ConfidentialVm vm) => _vms.GetValueOrDefault(vm);

    internal void Add(ConfidentialVm vm, TdxVm td) => _vms.Add(vm, td);

    internal void Remove(ConfidentialVm vm) => _vms.Remove(vm);
}
