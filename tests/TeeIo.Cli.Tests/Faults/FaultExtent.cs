namespace TeeIo.Cli.Tests.Faults;

/// <summary>How many faults run, from the environment.</summary>
internal static class FaultExtent
{
    /// <summary>The kernel ABIs that bind.</summary>
    public static readonly string[] Binding = ["seed-2025-05", "arm-v5", "next"];

    private static readonly string s_wanted = Environment.GetEnvironmentVariable("TEEIO_FAULTS") ?? "";
    private static readonly string s_profile = Environment.GetEnvironmentVariable("TEEIO_FAULTS_PROFILE") ?? "";

    /// <summary>Whether the matrix was asked for, beyond a sample of it.</summary>
    public static bool IsMatrix => s_wanted is "some" or "all";

    /// <summary>Whether every occurrence was asked for.</summary>
    public static bool IsExhaustive => s_wanted == "all";

    /// <summary>The kernel ABIs to run: the one that was asked for, or all that bind.</summary>
    public static IReadOnlyList<string> Profiles => s_profile.Length > 0 ? [s_profile] : Binding;

    /// <summary>Where failing cases are written, or null.</summary>
    public static string? Log => Environment.GetEnvironmentVariable("TEEIO_FAULTS_LOG") is { Length: > 0 } path ? path : null;

    /// <summary>The calls of a vendor's flow whose faults run: all of them in the matrix; in the sample (<c>TEEIO_FAULTS=sample</c>, as in CI) a part of them, of the first profile four times as
    /// many as of the others; half of that where nothing is asked for.</summary>
    /// <param name="vendor">The vendor.</param>
    /// <param name="stride">Which part of them the sample takes in the first profile: each n-th.</param>
    public static TheoryData<string, string> Calls(string vendor, int stride)
    {
        var calls = new TheoryData<string, string>();
        foreach (string profile in Profiles)
        {
            int each = IsMatrix ? 1 : profile == Binding[0] ? stride : 4 * stride;
            if (s_wanted.Length == 0) each *= 2;
            IEnumerable<string> all = FaultMatrix.Of(vendor, profile).Calls;
            foreach ((int i, string call) in all.Index())
            {
                if (i % each == 0) calls.Add(profile, call);
            }
        }

        return calls;
    }
}
