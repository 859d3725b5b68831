using System.Globalization;
using TeeIo.Flow;
using TeeIo.Platform;
using TeeIo.Tsm;

namespace TeeIo.Sev.Firmware;

/// <summary>Invariant 1 for MMIO, page by page: when the driver has let go of a TDI, the reverse map table has no page of its BARs for a guest. SEV's driver takes them back by itself, so that no
/// call of KVM's tells of it; this looks at the table itself and works live only.</summary>
/// <param name="firmware">Whose table it is.</param>
/// <param name="machine">The machine.</param>
/// <param name="topology">Where its functions' BARs are.</param>
public sealed class ReturnedMmioInvariant(AmdSp firmware, SoftwareMachine machine, IPciTopology topology) : ITraceInvariant, IInvariantWatch
{
    /// <inheritdoc/>
    public string Name => "1 (MMIO of a TDI that was let go)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => this;

    /// <inheritdoc/>
    public string? Closed(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        bool isLetGo = crossing is { Side: CrossingSide.Server, IsSuccess: true } && crossing.Call == HostTsmCalls.Unbind;
        if (!isLetGo || !CrossingArguments.TryRead(crossing, "tdi", out ulong id) || machine.Functions.FirstOrDefault(f => f.CrossingId == id) is not { } function) return null;
        ulong[] kept = [.. topology.MmioPages(function.Address).Where(firmware.IsGuestPage)];
        return kept.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{kept.Length} pages of {function}'s MMIO, the first at 0x{kept[0]:x}, are a guest's after its unbind at {crossing.ClosedAt}");
    }
}
