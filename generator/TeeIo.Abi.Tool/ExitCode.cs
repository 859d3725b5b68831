namespace TeeIo.Abi.Tool;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Ok = 0;

    /// <summary>What was asked about isn't well: a spec is wrong, a header differs, a change breaks.</summary>
    public const int Found = 1;

    /// <summary>It can't be done: wrong arguments, a missing file or program.</summary>
    public const int Refused = 2;

    /// <summary>Runs <paramref name="command"/>; what can't be done is said in one line.</summary>
    public static int Of(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine("teeio-abi: " + e.Message);
            return Refused;
        }
    }
}
