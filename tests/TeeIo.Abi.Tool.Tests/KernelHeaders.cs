namespace TeeIo.Abi.Tool.Tests;

/// <summary>The headers of three Linux releases, which <c>headers.sh</c> brings.</summary>
internal static class KernelHeaders
{
    private static readonly string s_folder = Environment.GetEnvironmentVariable("TEEIO_HEADERS")
        ?? Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "teeio", "headers");

    /// <summary>Whether they are there.</summary>
    public static bool AreThere => Directory.Exists(Of("7.3"));

    /// <summary>The headers of <paramref name="version"/>.</summary>
    public static string Of(string version) => Path.Combine(s_folder, version);
}
