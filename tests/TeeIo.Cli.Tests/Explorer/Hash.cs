namespace TeeIo.Cli.Tests.Explorer;

/// <summary>FNV-1a over 64-bit words: the same in every process.</summary>
internal static class Hash
{
    private const ulong Basis = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;

    public static ulong Add(ulong hash, ulong value)
    {
        for (int i = 0; i < sizeof(ulong); i++, value >>= 8) hash = unchecked((hash ^ (value & 0xFF)) * Prime);
        return hash;
    }

    public static ulong Of(string text) => text.Aggregate(Basis, (hash, c) => unchecked((hash ^ c) * Prime));
}
