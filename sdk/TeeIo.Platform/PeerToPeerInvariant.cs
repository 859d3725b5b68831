using System.Globalization;
using TeeIo.Flow;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Platform;

/// <summary>Invariant 12: a trusted request that reaches a device's MMIO comes from a TDI of the VM that owns that device. It looks at each request as the machine's IOMMU lets it through:
/// it works live only.</summary>
/// <param name="machine">The machine.</param>
public sealed class PeerToPeerInvariant(SoftwareMachine machine) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "12 (peer to peer within one VM)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new DmaWatch(machine.Iommu, Judge);

    private string? Judge(DmaTranslation dma)
    {
        if (!dma.IsTrusted || !machine.Memory.IsMmio(dma.Walk.HostAddress)) return null;
        ConfidentialVm? sender = OwnerOf(f => f.Address.RequesterId == dma.RequesterId);
        ConfidentialVm? receiver = OwnerOf(f => Holds(f, dma.Walk.HostAddress));
        return sender is not null && ReferenceEquals(sender, receiver) ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"0x{dma.RequesterId:x4}, which belongs to {sender?.Name ?? "nobody"}, reached MMIO at 0x{dma.Walk.HostAddress:x}, which belongs to {receiver?.Name ?? "nobody"}");
    }

    private ConfidentialVm? OwnerOf(Func<PciFunctionModel, bool> isMeant)
    {
        PciFunctionModel? function = machine.Device.Functions.FirstOrDefault(isMeant);
        return machine.Functions.FirstOrDefault(f => f.Address == function?.Address)?.Tdi?.Vm;
    }

    private static bool Holds(PciFunctionModel function, ulong hpa)
    {
        for (int bar = 0; function.BarSize(bar) > 0; bar++)
        {
            if (hpa >= function.BarAddress(bar) && hpa - function.BarAddress(bar) < function.BarSize(bar)) return true;
        }

        return false;
    }
}
