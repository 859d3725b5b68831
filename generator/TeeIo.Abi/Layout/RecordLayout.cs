using TeeIo.Abi.Model;

namespace TeeIo.Abi.Layout;

/// <summary>A record with its layout, and what is wrong with what it states.</summary>
public sealed record RecordLayout(RecordType Record, EquatableArray<LayoutProblem> Problems);
