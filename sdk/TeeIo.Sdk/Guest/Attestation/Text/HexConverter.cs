using System.Text.Json;
using System.Text.Json.Serialization;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>Bytes as hex digits.</summary>
internal sealed class HexConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException("bytes are hex digits in quotes");
        try
        {
            return Convert.FromHexString(text!);
        }
        catch (FormatException)
        {
            throw new JsonException($"'{text}' isn't hex: two digits for each byte, and nothing else");
        }
    }

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) => writer.WriteStringValue(Convert.ToHexStringLower(value.Span));
}
