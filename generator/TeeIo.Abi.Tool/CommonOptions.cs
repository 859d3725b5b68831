using System.CommandLine;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary>Where the specs are.</summary>
    public static Option<DirectoryInfo?> Specs() => new("--specs") { Description = "Folder with the specs; the nearest abi-spec upwards by default" };

    /// <summary>How to write.</summary>
    public static Option<OutputFormat> Format() => new("--format") { Description = "text or json", DefaultValueFactory = _ => OutputFormat.Text };

    /// <summary>The C compiler.</summary>
    public static Option<string> Compiler() => new("--cc") { Description = "The C compiler", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CC") ?? "cc" };

    /// <summary>Clang, which reads headers.</summary>
    public static Option<string?> Clang() => new("--clang") { Description = "Clang; by default clang on the PATH, or clang-NN with the highest number" };
}
