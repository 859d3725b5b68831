namespace TeeIo.Sev.Kvm;

/// <summary>A page of MMIO that is a guest's in the reverse map table.</summary>
/// <param name="hpa">Its host-physical address.</param>
internal sealed class PrivateMmio(ulong hpa)
{
    /// <summary>Its host-physical address.</summary>
    public ulong Hpa { get; } = hpa;

    /// <summary>Whether the guest reaches it.</summary>
    public bool IsMapped { get; set; } = true;

    /// <summary>Whether only the firmware can change its entry.</summary>
    public bool IsImmutable { get; set; } = true;
}
