namespace TeeIo.Abi.Tool.Emitting;

/// <summary>A field of a struct or union.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Mark">Where its value goes, if that isn't where the record goes; else empty.</param>
internal sealed record SyzlangField(string Name, string Type, string Mark = "");
