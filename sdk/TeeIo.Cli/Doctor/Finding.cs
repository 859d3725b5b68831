namespace TeeIo.Cli.Doctor;

/// <summary>One thing that a machine has or lacks.</summary>
/// <param name="Part">What it is about.</param>
/// <param name="State">Whether it is there.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to do about it; null where nothing is to be done.</param>
internal sealed record Finding(string Part, FindingState State, string Text, string? Remedy = null);
