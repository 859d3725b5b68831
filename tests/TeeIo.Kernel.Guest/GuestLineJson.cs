using System.Text.Json.Serialization;

namespace TeeIo.Kernel.Guest;

[JsonSerializable(typeof(GuestLine))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class GuestLineJson : JsonSerializerContext;
