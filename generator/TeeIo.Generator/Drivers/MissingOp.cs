namespace TeeIo.Generator.Drivers;

/// <summary>An op that a driver doesn't fill.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accessibility">The keywords of its accessibility.</param>
/// <param name="Parameters">Its parameters as C#.</param>
internal sealed record MissingOp(string Name, string Accessibility, string Parameters);
