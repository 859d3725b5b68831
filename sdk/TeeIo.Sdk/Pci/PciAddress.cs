using System.Globalization;

namespace TeeIo.Pci;

/// <summary>Where a PCI function is: segment, bus, device and function.</summary>
/// <param name="Segment">PCI segment (domain).</param>
/// <param name="RequesterId">Bus, device and function as the function's requester id: bus in bits 15:8, device in 7:3, function in 2:0.</param>
public readonly record struct PciAddress(ushort Segment, ushort RequesterId)
{
    /// <summary>An address from its parts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A device over 31 or a function over 7.</exception>
    public static PciAddress Of(ushort segment, byte bus, byte device, byte function)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(device, (byte)0x1F);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(function, (byte)0x7);
        return new PciAddress(segment, (ushort)((bus << 8) | (device << 3) | function));
    }

    /// <summary>Bus number.</summary>
    public byte Bus => (byte)(RequesterId >> 8);

    /// <summary>Device number.</summary>
    public byte Device => (byte)((RequesterId >> 3) & 0x1F);

    /// <summary>Function number.</summary>
    public byte Function => (byte)(RequesterId & 0x7);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment:x4}:{Bus:x2}:{Device:x2}.{Function}");
}
