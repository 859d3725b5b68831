namespace TeeIo.Sev.Tests;

/// <summary>Bytes as the tests write them: hex with spaces where a reader wants them.</summary>
internal static class Hex
{
    /// <summary>The bytes of <paramref name="text"/>.</summary>
    public static byte[] Bytes(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    /// <summary><paramref name="count"/> zero bytes.</summary>
    public static string Zeros(int count) => new('0', 2 * count);

    /// <summary>Compares, and shows both as hex.</summary>
    public static void Equal(string expected, ReadOnlySpan<byte> actual) =>
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant(), Convert.ToHexString(actual));
}
