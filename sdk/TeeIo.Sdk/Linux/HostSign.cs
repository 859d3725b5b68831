namespace TeeIo.Linux;

/// <summary>What a file of Linux says about a machine: whether hardware and kernel have a part that trusted device assignment needs. A vendor's assembly lists its own.</summary>
/// <param name="Path">The file or device.</param>
/// <param name="Content">What it must hold, without the line's end; null where its being there says it.</param>
/// <param name="Meaning">What the machine has then.</param>
/// <param name="Remedy">What to do where it hasn't.</param>
public sealed record HostSign(string Path, string? Content, string Meaning, string Remedy);
