namespace TeeIo.Flow;

/// <summary>How a profile accounts for a row of the chart.</summary>
public enum RowHow
{
    /// <summary>By a call.</summary>
    Call,

    /// <summary>By an exit or a fault that no call makes explicitly.</summary>
    Implicit,

    /// <summary>Inside another row.</summary>
    Merged,

    /// <summary>The platform has nothing to do there.</summary>
    NoOp,

    /// <summary>The platform or profile doesn't have it.</summary>
    Absent,
}
