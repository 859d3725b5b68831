using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Sev.Iommu;

/// <summary>The IOMMU driver's part for SEV-TIO, which is none. A TDI's secure device table entry (sDTE) is the firmware's: the guest writes it by a message of its own, and it goes when
/// the TDI is unbound; private DMA walks the same nested page tables and the same reverse map table as the guest's CPUs. So the host prepares nothing and takes nothing down.</summary>
[TsmDriver]
public sealed partial class SevTrustedIommu : TrustedIommuDriver
{
    /// <inheritdoc/>
    protected override SysResult SetUp(SetUpContext context) => SysResult.Ok;

    /// <inheritdoc/>
    protected override SysResult TearDown(TearDownContext context) => SysResult.Ok;
}
