namespace TeeIo.Generator.Emit;

/// <summary>A parameter of a generated method.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its C# type.</param>
/// <param name="Modifier"><c>ref</c>, <c>out</c> or nothing.</param>
/// <param name="Doc">What it is, as a sentence of XML text.</param>
internal sealed record Parameter(string Name, string Type, string Modifier, string Doc)
{
    /// <summary>As in a parameter list.</summary>
    public string Declaration => Modifier.Length == 0 ? $"{Type} {Name}" : $"{Modifier} {Type} {Name}";

    /// <summary>As in a list of arguments that passes it on.</summary>
    public string Argument => Modifier.Length == 0 ? Name : $"{Modifier} {Name}";

    /// <summary>As in a list of arguments that declares it.</summary>
    public string Receiver => Modifier == "out" ? $"out {Type} {Name}" : Argument;

    /// <summary>Its documentation.</summary>
    public string DocLine => $"<param name=\"{Name.TrimStart('@')}\">{Doc}</param>";
}
