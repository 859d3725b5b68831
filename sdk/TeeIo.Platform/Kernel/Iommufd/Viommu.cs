using TeeIo.Linux.Iommufd;
using TeeIo.Platform.Kernel.Kvm;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A VM's slice of the IOMMU. It holds on to its nesting parent and to the VM.</summary>
internal sealed class Viommu : IommufdObject
{
    public Viommu(Hwpt parent, ViommuType type, KvmVm? vm)
    {
        (Parent, Type, Vm) = (parent, type, vm);
        parent.Users++;
        vm?.Get();
    }

    public Hwpt Parent { get; }

    public ViommuType Type { get; }

    /// <summary>The VM whose devices it serves, or null where the device belonged to none.</summary>
    public KvmVm? Vm { get; }

    /// <summary>The guest's numbers that are in use.</summary>
    public HashSet<ulong> VirtualIds { get; } = [];

    public override void Destroy()
    {
        Parent.Users--;
        Vm?.Put();
    }
}
