using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A device that a VFIO file bound to this iommufd. VFIO owns it: it goes with that file only.</summary>
internal sealed class IommufdDevice : IommufdObject
{
    private readonly IommufdContext _context;
    private Hwpt? _table;

    public IommufdDevice(IommufdContext context, VfioDevice device, KvmVm? vm)
    {
        (_context, Device, Vm) = (context, device, vm);
        Users = 1;
        vm?.Get();
    }

    public VfioDevice Device { get; }

    /// <summary>The VM that the VFIO file belonged to when it was bound.</summary>
    public KvmVm? Vm { get; }

    /// <summary>Its vDEVICE, or null.</summary>
    public Vdevice? Vdevice { get; set; }

    /// <summary>Attaches the device to an IOAS or a page table, in place of the one before. Of an IOAS it takes the page table that was made for attached devices, or makes one.</summary>
    /// <param name="target">The IOAS or page table.</param>
    /// <param name="table">The page table that it's attached to then.</param>
    public SysResult Attach(IommufdObject target, out Hwpt? table)
    {
        table = target as Hwpt;
        if (table is not null) return MoveTo(table);
        if (target is not Ioas ioas) return Errno.EINVAL;
        table = ioas.Tables.FirstOrDefault(t => t.IsAutomatic);
        if (table is not null) return MoveTo(table);

        // The first attachment looks at the device before the page table, another one the other way round: of two reasons to refuse, each tells its own.
        bool isFirst = _table is null;
        SysResult fits = isFirst ? ioas.AddDevice(this) : SysResult.Ok;
        if (isFirst) ioas.RemoveDevice(this);
        if (!fits.IsOk) return fits;
        SysResult made = Hwpt.Create(ioas, isNestingParent: false, isAutomatic: true, faults: null, out table);
        if (!made.IsOk) return made;
        _context.Add(table!);
        SysResult moved = MoveTo(table!);
        if (!moved.IsOk) _context.Remove(table!, keepId: false);
        return moved;
    }

    /// <summary>Detaches the device; its DMA is blocked afterwards.</summary>
    public void Detach()
    {
        if (_table is not { } left) return;
        Device.Kernel.Iommu.Attach(Device.Function.Address.RequesterId, null);
        left.Ioas.RemoveDevice(this);
        _table = null;
        Leave(left);
    }

    public override void Destroy()
    {
        Detach();
        Vm?.Put();
    }

    private SysResult MoveTo(Hwpt table)
    {
        Hwpt? left = _table;
        if (ReferenceEquals(left, table)) return SysResult.Ok;
        bool isElsewhere = !ReferenceEquals(left?.Ioas, table.Ioas);
        if (isElsewhere && table.Ioas.AddDevice(this) is { IsOk: false } refused) return refused;
        if (isElsewhere) left?.Ioas.RemoveDevice(this);
        table.Users++;
        _table = table;
        Device.Kernel.Iommu.Attach(Device.Function.Address.RequesterId, table.Ioas);
        if (left is not null) Leave(left);
        return SysResult.Ok;
    }

    private void Leave(Hwpt table)
    {
        table.Users--;
        if (table is { IsAutomatic: true, Users: 0 }) _context.Remove(table, keepId: false);
    }
}
