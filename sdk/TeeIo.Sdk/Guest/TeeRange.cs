namespace TeeIo.Guest;

/// <summary>A range of a device's MMIO that only the trusted side may use.</summary>
/// <param name="Index">Its position in the report's list.</param>
/// <param name="RangeId">Its id in the report: the BAR.</param>
/// <param name="Offset">Pages from the first page under that id.</param>
/// <param name="FirstGpaPage">Guest-physical number of its first page.</param>
/// <param name="PageCount">How many pages.</param>
public readonly record struct TeeRange(int Index, ushort RangeId, uint Offset, ulong FirstGpaPage, uint PageCount);
