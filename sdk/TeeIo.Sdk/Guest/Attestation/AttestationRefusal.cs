namespace TeeIo.Guest.Attestation;

/// <summary>Why a device isn't trusted.</summary>
/// <param name="Rule">The rule that it breaks, by its place in a policy's file.</param>
/// <param name="Expected">What the rule asks for.</param>
/// <param name="Found">What the evidence says instead.</param>
/// <param name="Index">The measurement, or the range of the report, that it is about; null where it is about neither.</param>
public sealed record AttestationRefusal(string Rule, string Expected, string Found, int? Index = null)
{
    /// <inheritdoc/>
    public override string ToString() => $"refused by {Rule}{(Index is { } index ? $", index {index}" : "")}: expected {Expected}; found {Found}";
}
