using TeeIo.Pci.Spdm;

namespace TeeIo.Cli.Spdm;

/// <summary>An end with one slot, and nothing to measure.</summary>
internal sealed class SlotIdentity(SpdmSlot slot) : ISpdmIdentity
{
    public IReadOnlyList<SpdmSlot> Slots { get; } = [slot];

    public IReadOnlyList<SpdmMeasurement> Measure() => [];
}
