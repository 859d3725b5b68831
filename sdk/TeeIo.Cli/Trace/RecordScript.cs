namespace TeeIo.Cli.Trace;

/// <summary>The script that records traces, which comes with the tool.</summary>
internal static class RecordScript
{
    /// <summary>Its file name.</summary>
    public const string Name = "record.sh";

    /// <summary>Where it stands.</summary>
    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "Trace", Name);
}
