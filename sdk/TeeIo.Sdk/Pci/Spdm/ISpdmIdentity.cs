namespace TeeIo.Pci.Spdm;

/// <summary>Who a responder is, and what runs in it.</summary>
public interface ISpdmIdentity
{
    /// <summary>Its certificate slots, in the order of their numbers.</summary>
    IReadOnlyList<SpdmSlot> Slots { get; }

    /// <summary>Measures what runs in it, in the order of the measurements' indices.</summary>
    IReadOnlyList<SpdmMeasurement> Measure();
}
