namespace TeeIo.Platform.Hardware;

/// <summary>A range of host-physical addresses that a device answers.</summary>
internal sealed record MmioWindow(ulong Base, ulong Length, IMmioTarget Target)
{
    public bool Contains(ulong hpa) => hpa - Base < Length && hpa >= Base;

    public bool Overlaps(ulong start, ulong length) => start < Base + Length && Base < start + length;
}
