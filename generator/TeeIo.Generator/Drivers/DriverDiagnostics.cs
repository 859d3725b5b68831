namespace TeeIo.Generator.Drivers;

/// <summary>What the generator and the code fixes must agree on; Roslyn wants them in two assemblies.</summary>
internal static class DriverDiagnostics
{
    /// <summary>Id of "op not filled".</summary>
    public const string MissingOp = "TSM0001";

    /// <summary>Id of "not a driver class".</summary>
    public const string Unusable = "TSM0002";

    /// <summary>Id of "blocking call under a lock".</summary>
    public const string BlockingCall = "TSM0003";

    /// <summary>The diagnostic's property with the op's name.</summary>
    public const string Op = "Op";
}
