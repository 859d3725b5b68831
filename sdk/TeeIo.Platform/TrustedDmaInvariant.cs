using System.Globalization;
using TeeIo.Flow;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform;

/// <summary>Invariant 10, of DMA: a request with the T bit goes where the vendor's trusted tables lead, and nowhere else; one without it only to memory that isn't enciphered. It looks at
/// each request as the machine's IOMMU lets it through: it works live only.</summary>
/// <param name="machine">The machine.</param>
public sealed class TrustedDmaInvariant(SoftwareMachine machine) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "10 (DMA through the tables of its kind)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new DmaWatch(machine.Iommu, Judge);

    private string? Judge(DmaTranslation dma)
    {
        bool isRight = dma.IsTrusted
            ? machine.Vendor.Cpu.WalkTrustedDma(dma.RequesterId, dma.Address, dma.IsWrite) == dma.Walk
            : dma.Walk.Key == KeyId.Shared;
        return isRight ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"a request {(dma.IsTrusted ? "with" : "without")} the T bit of 0x{dma.RequesterId:x4} to 0x{dma.Address:x} went to 0x{dma.Walk.HostAddress:x} with {dma.Walk.Key}");
    }
}
