using TeeIo.Abi.Model;

namespace TeeIo.Abi.Layout;

/// <summary>Something that the layout engine can't agree with.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Field">Name of the field, or null for the record as a whole.</param>
/// <param name="Key">Key whose value is wrong.</param>
/// <param name="Arguments">What the rule's message is about.</param>
public sealed record LayoutProblem(AbiRule Rule, string? Field, string Key, EquatableArray<string> Arguments);
