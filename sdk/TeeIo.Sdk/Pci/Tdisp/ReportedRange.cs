namespace TeeIo.Pci.Tdisp;

/// <summary>A range of MMIO of an interface report, with the reporting offset taken out.</summary>
/// <param name="Id">Which range of the device it is; its BAR's number.</param>
/// <param name="HostAddress">Host-physical address of its first page.</param>
/// <param name="PageCount">Pages.</param>
/// <param name="Attributes">Its attributes.</param>
public readonly record struct ReportedRange(ushort Id, ulong HostAddress, uint PageCount, MmioAttributes Attributes)
{
    /// <summary>Whether it is open to accesses without the T bit, and so never private.</summary>
    public bool IsOpen => Attributes.HasFlag(MmioAttributes.IsNonTeeMem);
}
