using System.Text.Json;
using System.Text.Json.Serialization;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>Reads and writes the text form. Types that our own generator makes are nothing that another generator can see, so enumerations go by their names.</summary>
[JsonSerializable(typeof(PolicyText))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", Converters = [typeof(HexConverter)])]
internal sealed partial class PolicyJson : JsonSerializerContext;
