namespace TeeIo.Flow;

/// <summary>What an injector does with a crossing.</summary>
/// <param name="Enter">Whether the callee is entered.</param>
/// <param name="Outcome">If not: what the caller sees, with all outputs zero.</param>
public readonly record struct Injection(bool Enter, long Outcome)
{
    /// <summary>Let it through.</summary>
    public static Injection Proceed => new(true, 0);

    /// <summary>Do not enter the callee; the caller sees success and zeroed outputs.</summary>
    public static Injection Drop => new(false, 0);

    /// <summary>Do not enter the callee; the caller sees <paramref name="outcome"/>.</summary>
    public static Injection Fail(long outcome) => new(false, outcome);
}
