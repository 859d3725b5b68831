namespace TeeIo.Pci.IdeKm;

/// <summary>A port whose keys are programmed by IDE_KM.</summary>
public interface IIdePort
{
    /// <summary>The port's function.</summary>
    PciAddress Address { get; }

    /// <summary>Registers of its IDE extended capability, one after the other.</summary>
    byte[] Capability { get; }

    /// <summary>Whether it has a stream of this id.</summary>
    bool HasStream(byte streamId);

    /// <summary>Puts a key into a slot.</summary>
    void Program(byte streamId, IdeKeySlot slot, ReadOnlySpan<byte> key);

    /// <summary>Starts to use a key.</summary>
    /// <returns>False where the slot holds none.</returns>
    bool Start(byte streamId, IdeKeySlot slot);

    /// <summary>Stops to use a key, and forgets it.</summary>
    void Stop(byte streamId, IdeKeySlot slot);
}
