namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>A part of a packet, and what must become of a life in which it is another.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="OnChange">What must become of it, by the value that arrives; of what is longer than 8 bytes only the first 8.</param>
/// <param name="OnCut">What must become of it where the message ends here.</param>
internal sealed record Field(string Name, int Size, Func<ulong, Verdict> OnChange, Verdict OnCut);
