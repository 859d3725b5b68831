using System.Text.Json.Serialization;

namespace TeeIo.Cli.Doctor;

/// <summary>Whether a machine has something.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingState>))]
internal enum FindingState
{
    /// <summary>It is there.</summary>
    Ok,

    /// <summary>It isn't there, and assigning a device on this machine needs it.</summary>
    Missing,

    /// <summary>It isn't there, and only some uses need it.</summary>
    Absent,
}
