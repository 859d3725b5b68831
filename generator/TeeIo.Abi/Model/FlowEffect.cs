namespace TeeIo.Abi.Model;

/// <summary>A change of the state vector when a matching crossing ends.</summary>
/// <param name="Match">The crossing.</param>
/// <param name="Variable"><c>tdi</c>, <c>bound</c>, <c>mmio</c> or <c>dma</c>.</param>
/// <param name="Value">The new value.</param>
public sealed record FlowEffect(FlowMatch Match, string Variable, string Value);
