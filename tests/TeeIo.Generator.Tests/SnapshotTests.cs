using Microsoft.CodeAnalysis;

namespace TeeIo.Generator.Tests;

public class SnapshotTests
{
    [Fact]
    public void Generated_code_is_as_reviewed()
    {
        SnapshotFolder snapshots = new(Repository.Snapshots, $"{nameof(SnapshotTests)}.{nameof(Generated_code_is_as_reviewed)}#");
        foreach (GeneratedSourceResult source in GeneratorHarness.Everything.GeneratedSources)
            snapshots.Compare(source);
        snapshots.AssertNothingDiffers();
    }
}
