using System.Security.Cryptography;

namespace TeeIo.Cli.Spdm;

/// <summary>The machine's own source of randomness, for keys that protect something.</summary>
internal sealed class CryptographicRandom() : Random(0)
{
    public override void NextBytes(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);

    public override void NextBytes(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    public override int Next(int minValue, int maxValue) => RandomNumberGenerator.GetInt32(minValue, maxValue);

    public override int Next(int maxValue) => RandomNumberGenerator.GetInt32(maxValue);

    public override int Next() => RandomNumberGenerator.GetInt32(int.MaxValue);
}
