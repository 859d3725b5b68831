using System.Text.Json.Serialization;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>A <see cref="TrustedRoot"/> as it stands in a file.</summary>
[JsonConverter(typeof(RootConverter))]
internal sealed record RootText(TrustedRoot Root);
