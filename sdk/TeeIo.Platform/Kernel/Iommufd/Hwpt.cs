using TeeIo.Boundaries;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A hardware page table that shows an IOAS.</summary>
internal sealed class Hwpt : IommufdObject
{
    private Hwpt(Ioas ioas, bool isNestingParent, bool isAutomatic, FaultQueue? faults)
    {
        (Ioas, IsNestingParent, IsAutomatic, Faults) = (ioas, isNestingParent, isAutomatic, faults);
        ioas.Users++;
        if (faults is not null) faults.Users++;
    }

    public Ioas Ioas { get; }

    public bool IsNestingParent { get; }

    /// <summary>Whether attaching a device to the IOAS made it: it goes with the last device then.</summary>
    public bool IsAutomatic { get; }

    /// <summary>Where the faults of its devices are told, or null.</summary>
    public FaultQueue? Faults { get; }

    /// <summary>Makes one that shows all of an IOAS.</summary>
    public static SysResult Create(Ioas ioas, bool isNestingParent, bool isAutomatic, FaultQueue? faults, out Hwpt? table)
    {
        table = new Hwpt(ioas, isNestingParent, isAutomatic, faults);
        SysResult shown = ioas.AddTable(table);
        if (shown.IsOk) return shown;
        table.Destroy();
        table = null;
        return shown;
    }

    public override void Destroy()
    {
        Ioas.RemoveTable(this);
        Ioas.Users--;
        if (Faults is not null) Faults.Users--;
    }
}
