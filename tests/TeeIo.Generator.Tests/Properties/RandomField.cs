namespace TeeIo.Generator.Tests.Properties;

/// <summary>A field of a random record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in the spec.</param>
/// <param name="CType">Its type in C.</param>
/// <param name="Count">Elements; 1 for a plain field.</param>
internal sealed record RandomField(string Name, string Type, string CType, int Count);
