namespace TeeIo.Sev.Firmware.Memory;

/// <summary>The RMP's entry of a page of 4 KiB. All zero, the page is the host's.</summary>
/// <param name="IsAssigned">Whether it belongs to a guest or to the firmware.</param>
/// <param name="Asid">The guest's ASID; 0 for the firmware.</param>
/// <param name="Gpa">Where the guest sees it.</param>
/// <param name="IsImmutable">Whether only the firmware may change the entry.</param>
/// <param name="IsValidated">Whether the guest has accepted it.</param>
/// <param name="Use">What the firmware uses it for.</param>
internal readonly record struct RmpEntry(bool IsAssigned, uint Asid, ulong Gpa, bool IsImmutable, bool IsValidated = false, PageUse Use = PageUse.Free)
{
    /// <summary>Whether the firmware may write the page.</summary>
    public bool IsFirmware => IsAssigned && Asid == 0 && IsImmutable;

    /// <summary>Whether it is a guest's.</summary>
    public bool IsGuest => IsAssigned && Asid != 0;
}
