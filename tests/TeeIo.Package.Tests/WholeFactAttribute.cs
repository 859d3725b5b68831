using System.Runtime.CompilerServices;

namespace TeeIo.Package.Tests;

/// <summary>A fact that takes long: it runs where everything is asked for.</summary>
internal sealed class WholeFactAttribute : FactAttribute
{
    public WholeFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!PackageFeed.IsWhole) Skip = "TEEIO_PACKAGES=all, as in CI, runs it";
    }
}
