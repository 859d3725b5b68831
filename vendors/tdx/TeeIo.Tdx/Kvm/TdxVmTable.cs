using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Kvm;

/// <summary>The VMs that KVM has made known to the module.</summary>
public sealed class TdxVmTable
{
    private readonly Dictionary<ConfidentialVm, TdxVm> _vms = [];

    /// <summary>The root page of a VM's TD, or null where the VM has none.</summary>
    public TdrId? RootOf(ConfidentialVm vm) => _vms.TryGetValue(vm, out TdxVm? td) ? td.Tdr : null;

    internal TdxVm? Find(ConfidentialVm vm) => _vms.GetValueOrDefault(vm);

    internal void Add(ConfidentialVm vm, TdxVm td) => _vms.Add(vm, td);

    internal void Remove(ConfidentialVm vm) => _vms.Remove(vm);
}
