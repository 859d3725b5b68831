namespace TeeIo.Generator.Emit;

/// <summary>The mark that every generated type carries.</summary>
internal static class GeneratedCode
{
    /// <summary>The attribute.</summary>
    public static string Attribute { get; } =
        $"[GeneratedCode(\"TeeIo.Generator\", \"{typeof(GeneratedCode).Assembly.GetName().Version.ToString(3)}\")]";
}
