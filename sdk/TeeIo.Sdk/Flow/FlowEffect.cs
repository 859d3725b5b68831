namespace TeeIo.Flow;

/// <summary>A change of the state vector when a matching crossing ends.</summary>
/// <param name="Match">The crossing.</param>
/// <param name="Variable">The variable.</param>
/// <param name="Value">Its new value.</param>
public sealed record FlowEffect(FlowMatch Match, string Variable, string Value);
