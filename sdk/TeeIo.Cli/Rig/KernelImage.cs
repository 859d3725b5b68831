using System.Security.Cryptography;

namespace TeeIo.Cli.Rig;

/// <summary>The kernel that the virtual machine boots: the one that <c>TEEIO_KERNEL</c> names, else the one that <c>kernel/build.sh</c> left in the cache.</summary>
internal static class KernelImage
{
    /// <summary>Names another kernel image.</summary>
    public const string Variable = "TEEIO_KERNEL";

    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Rig", "kernel");

    /// <summary>Finds the image.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="RigException">There is none; the message says how to get one.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new RigException($"{Variable} names {named}, and there is no such file. Name a bzImage, or unset it and run {Script("build.sh")}.");
        string cached = Path.Combine(Cache(), $"bzImage-7.3-{Fingerprint()}");
        return File.Exists(cached) ? cached : throw new RigException($"there is no kernel for the rig ({cached}). bash {Script("rig.sh")} installs and builds what is missing, in about ten minutes, once.");
    }

    /// <summary>Where a script of the rig stands.</summary>
    /// <param name="name">Its name.</param>
    public static string Script(string name) => Path.Combine(s_folder, name);

    private static string Cache() =>
        Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "teeio", "kernel");

    /// <summary>As build.sh names its images: a kernel of another configuration is another kernel.</summary>
    private static string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(s_folder, "config.fragment"))))[..12];
}
