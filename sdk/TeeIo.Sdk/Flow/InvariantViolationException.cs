using System.Globalization;

namespace TeeIo.Flow;

/// <summary>An invariant didn't hold, and the monitor was told to stop there.</summary>
/// <param name="violation">What it found.</param>
public sealed class InvariantViolationException(Violation violation)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"{violation} (after {violation.Crossings} crossings, by {violation.Crossing.Task} in {violation.Crossing.Call.Name})"))
{
    /// <summary>What the monitor found.</summary>
    public Violation Violation { get; } = violation;
}
