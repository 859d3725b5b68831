namespace TeeIo.Guest;

/// <summary>A range of a device's MMIO that only the trusted side may use.</summary>
/// <param name="Index">Its position in the report's list.</param>
/// <param name="RangeId">Its id in the report: the BAR.</param>
/// <param name="FirstGpaPage">Guest-physical number of its first page.</param>
/// <param name="PageCount">How many pages.</param>
public readonly record struct TeeRange(int Index, ushort RangeId, ulong FirstGpaPage, uint PageCount);
