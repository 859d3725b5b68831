namespace TeeIo.Generator;

/// <summary>Names of the pipeline's steps, by which tests follow what an edit recomputes.</summary>
public static class StepNames
{
    /// <summary>A file's text becomes a document.</summary>
    public const string Read = "Read";

    /// <summary>All documents become the table of what specs export to each other.</summary>
    public const string Symbols = "Symbols";

    /// <summary>A document gets the part of the table that it can see.</summary>
    public const string Resolve = "Resolve";

    /// <summary>A document becomes a checked spec.</summary>
    public const string Check = "Check";

    /// <summary>What is wrong between specs.</summary>
    public const string CheckSet = "CheckSet";

    /// <summary>A checked spec becomes files of C#.</summary>
    public const string Emit = "Emit";

    /// <summary>Finding classes with <c>[TsmDriver]</c>.</summary>
    public const string Drivers = "Drivers";
}
