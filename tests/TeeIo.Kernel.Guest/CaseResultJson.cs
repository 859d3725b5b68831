using System.Text.Json.Serialization;

namespace TeeIo.Kernel.Guest;

[JsonSerializable(typeof(CaseResult))]
internal sealed partial class CaseResultJson : JsonSerializerContext;
