namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Reviewed texts, in <c>Reviewed/</c> beside this file. What differs is written there as <c>.received</c>.</summary>
internal static class Reviewed
{
    public static void Compare(string name, string text)
    {
        string verified = Repository.PathOf($"tests/TeeIo.Abi.Tool.Tests/Syzlang/Reviewed/{Part(name, "verified")}");
        string received = Repository.PathOf($"tests/TeeIo.Abi.Tool.Tests/Syzlang/Reviewed/{Part(name, "received")}");
        bool accepts = Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1";
        if (!File.Exists(verified) || File.ReadAllText(verified).ReplaceLineEndings("\n") != text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(verified)!);
            File.WriteAllText(accepts ? verified : received, text);
            Assert.True(accepts, $"{name} isn't as reviewed: compare {received} with {verified}, and accept it with TEEIO_ACCEPT=1 dotnet test --project tests/TeeIo.Abi.Tool.Tests");
        }

        File.Delete(received);
    }

    private static string Part(string name, string kind) => name.Insert(name.IndexOf('.', StringComparison.Ordinal), "." + kind);
}
