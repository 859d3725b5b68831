namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>One access that a VM's processor makes. After the last one it shuts down.</summary>
/// <param name="Address">The guest-physical address, below 64 KiB.</param>
/// <param name="Length">1 or 2 bytes.</param>
/// <param name="Value">What it writes; null where it reads.</param>
public readonly record struct GuestStep(ushort Address, int Length, ushort? Value = null);
