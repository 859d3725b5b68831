namespace TeeIo.Boundaries;

/// <summary>What has a meaning of its own among the registers that an interface declares itself, as indices of 8 bytes each.</summary>
/// <param name="Status">The status. With a reason beside it, it has 32 bits.</param>
/// <param name="Reason">What says more about a status that isn't 0: its lower 32 bits become the upper ones of the status word. −1 where there is none.</param>
/// <param name="Valid">The word whose bit n says that register n counts; −1 where all do.</param>
public readonly record struct RegisterLayout(int Status, int Reason = -1, int Valid = -1);
