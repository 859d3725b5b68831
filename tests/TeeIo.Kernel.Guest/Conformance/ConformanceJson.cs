using System.Text.Json.Serialization;

namespace TeeIo.Kernel.Guest.Conformance;

[JsonSerializable(typeof(Transcript))]
[JsonSerializable(typeof(Sequence))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
