namespace TeeIo.Cli.Tests.Attestation;

/// <summary>Flips one bit of a part of the evidence wherever it passes.</summary>
/// <param name="part">The part, as the device gives it.</param>
/// <param name="bit">Which of its bits.</param>
internal sealed class EvidenceForger(ReadOnlyMemory<byte> part, int bit)
{
    /// <summary>Whether the part has passed.</summary>
    public bool HasForged { get; private set; }

    /// <summary>Looks for the part.</summary>
    public void Pass(Span<byte> bytes)
    {
        int at = bytes.IndexOf(part.Span);
        if (at < 0) return;
        bytes[at + (bit / 8)] ^= (byte)(1 << (bit % 8));
        HasForged = true;
    }
}
