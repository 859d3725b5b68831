namespace TeeIo.Package.Tests;

/// <summary>A fact that takes long: it runs where everything is asked for.</summary>
internal sealed class WholeFactAttribute : FactAttribute
{
    public WholeFactAttribute()
    {
        if (!PackageFeed.IsWhole) Skip = "TEEIO_PACKAGES=all, as in CI, runs it";
    }
}
