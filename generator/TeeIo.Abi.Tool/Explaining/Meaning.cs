using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary>What a number or a name means somewhere.</summary>
/// <param name="Spec">The spec.</param>
/// <param name="Kind">Kind of thing: a call, a request, a response, a value.</param>
/// <param name="Name">Its name.</param>
/// <param name="Number">The number as that kind of thing has it; null where it has none, or none that is public.</param>
/// <param name="Record">The record that goes with it, or null.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="Call">The call, or null where it is none.</param>
internal sealed record Meaning(AbiSpec Spec, string Kind, string Name, ulong? Number, RecordType? Record, Provenance Provenance, Call? Call = null)
{
    /// <summary>The profile that it belongs to; all of them where it is in none.</summary>
    public string Profile => Spec.Profile ?? "all";
}
