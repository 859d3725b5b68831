namespace TeeIo.Abi.Model;

/// <summary>One call of a <see cref="Sequence"/>.</summary>
/// <param name="Call">The call, of the spec itself or of one that it uses.</param>
/// <param name="If">When it is made; null where always.</param>
/// <param name="Repeat">How long it is repeated; null where it is made once.</param>
/// <param name="Doc">What it is for; empty where its own doc says all.</param>
public sealed record SequenceStep(string Call, string? If, string? Repeat, string Doc);
