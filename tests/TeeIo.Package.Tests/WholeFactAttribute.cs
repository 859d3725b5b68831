using System.Runtime.CompilerServices;

namespace TeeIo.Package.Tests;

/// <summary>A fact that takes long: it runs where everything is asked for (<c>TEEIO_PACKAGES=all</c>, as in CI), or by itself with <c>--explicit on</c>.</summary>
internal sealed class WholeFactAttribute : FactAttribute
{
    public WholeFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Explicit = !PackageFeed.IsWhole;
    }
}
