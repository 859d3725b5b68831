using System.Text.Json.Serialization;

namespace TeeIo.Cli.Doctor;

[JsonSerializable(typeof(IReadOnlyList<Finding>))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class FindingJson : JsonSerializerContext;
