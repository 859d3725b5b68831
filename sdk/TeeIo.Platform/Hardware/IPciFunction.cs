using TeeIo.Pci;

namespace TeeIo.Platform.Hardware;

/// <summary>A PCI function as the host's kernel finds it on the bus.</summary>
public interface IPciFunction
{
    /// <summary>Where it is.</summary>
    PciAddress Address { get; }

    /// <summary>Its DOE mailbox, or null.</summary>
    IDoeMailbox? Mailbox { get; }

    /// <summary>Number of its MSI-X vectors.</summary>
    int InterruptVectors { get; }

    /// <summary>Reads 1, 2 or 4 bytes of its configuration space.</summary>
    uint ReadConfig(int offset, int size);

    /// <summary>Writes 1, 2 or 4 bytes of its configuration space.</summary>
    void WriteConfig(int offset, int size, uint value);

    /// <summary>Host-physical base of a BAR; 0 where it has none.</summary>
    ulong BarAddress(int bar);

    /// <summary>Bytes of a BAR; 0 where it has none.</summary>
    ulong BarSize(int bar);

    /// <summary>Whether the page at <paramref name="offset"/> of a BAR is in a TEE range of its interface report.</summary>
    bool IsTeePage(int bar, ulong offset);

    /// <summary>Resets the function.</summary>
    void Reset();
}
