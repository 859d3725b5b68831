namespace TeeIo.Package.Tests;

/// <summary>What the libraries offer is as it was reviewed: a change of it is somebody's decision.</summary>
[Collection(nameof(PackageFeed))]
public sealed class PublicApiTests(PackageFeed feed)
{
    private static readonly string[] s_libraries = ["TeeIo.Sdk", "TeeIo.Platform", "TeeIo.Tdx", "TeeIo.Tdx.Module", "TeeIo.Sev", "TeeIo.Sev.Firmware"];

    public static TheoryData<string> Libraries => [.. s_libraries];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_offers_what_was_reviewed(string id)
    {
        string api = PublicApi.Of(feed.PathOf(id), s_libraries.Select(feed.PathOf));
        string verified = Path.Combine(PackageFeed.Root, "tests", "TeeIo.Package.Tests", "Api", $"{id}.verified.txt");
        string received = Path.ChangeExtension(Path.ChangeExtension(verified, null), "received.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(verified)!);
        File.Delete(received);
        if (File.Exists(verified) && File.ReadAllText(verified).ReplaceLineEndings("\n") == api) return;
        bool accepts = Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1";
        File.WriteAllText(accepts ? verified : received, api);
        Assert.True(accepts, $"{id} offers something else than was reviewed: compare {received} with {verified}, and accept it with TEEIO_ACCEPT=1 dotnet test --project tests/TeeIo.Package.Tests");
    }
}
