using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>A root as PEM, or as the name of a file with it.</summary>
/// <param name="readFile">Reads a file that a policy names.</param>
internal sealed class RootConverter(Func<string, string> readFile) : JsonConverter<RootText>
{
    private const string PemStart = "-----BEGIN";

    /// <summary>Without files.</summary>
    public RootConverter()
        : this(file => throw new IOException($"no files are read here: put '{file}' itself in as PEM"))
    {
    }

    public override RootText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("a root is a text: the name of a PEM file, or PEM itself");
        bool isPem = text.StartsWith(PemStart, StringComparison.Ordinal);
        try
        {
            return new RootText(TrustedRoot.FromPem(isPem ? text : readFile(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new JsonException($"the root's file '{text}' can't be read: {e.Message}");
        }
        catch (CryptographicException e)
        {
            throw new JsonException($"{(isPem ? "the root" : $"the root's file '{text}'")} isn't a certificate in PEM: {e.Message}");
        }
    }

    public override void Write(Utf8JsonWriter writer, RootText value, JsonSerializerOptions options) => writer.WriteStringValue(value.Root.ToPem());
}
