using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>Plug point 5, IOMMUFD's: trusted DMA walks the VM's own private page table, so there is nothing to prepare.</summary>
[TsmDriver]
internal sealed partial class PlainIommu(PlainPages pages) : TrustedIommuDriver
{
    protected override SysResult SetUp(SetUpContext context) => SysResult.Ok;

    protected override SysResult TearDown(TearDownContext context)
    {
        pages.StopDma(context.Function.Address.RequesterId);
        return SysResult.Ok;
    }
}
