namespace TeeIo.Pci.Spdm;

/// <summary>What either end says of itself, and how much it takes.</summary>
public abstract record SpdmEndOptions
{
    /// <summary>How the transport carries messages. A DOE mailbox if not said otherwise.</summary>
    public SpdmBinding Binding { get; init; } = SpdmBinding.PciDoe;

    /// <summary>The versions that it speaks, as version bytes.</summary>
    public IReadOnlyList<byte> Versions { get; init; } = [SpdmConstants.Version12, SpdmConstants.Version13];

    /// <summary>The algorithms that it is willing to use.</summary>
    public SpdmAlgorithmSet Algorithms { get; init; } = SpdmAlgorithmSet.Tdisp;

    /// <summary>Bytes of the largest message that it takes in one piece.</summary>
    public int DataTransferSize { get; init; } = 4096;

    /// <summary>Bytes of the largest message that it takes at all. Where that is more than <see cref="DataTransferSize"/>, larger messages come and go in pieces.</summary>
    public int MaxMessageSize
    {
        get => Math.Max(field, DataTransferSize);
        init;
    }

    /// <summary>It answers any cryptographic request in 2 to the power of this, in microseconds.</summary>
    public byte TimeoutExponent { get; init; } = 20;

    /// <summary>Who sees its messages; nobody if not said otherwise.</summary>
    public ISpdmTap? Tap { get; init; }

    /// <summary>Whether it only authenticates records, and doesn't encrypt them.</summary>
    public bool IsAuthenticatingOnly { get; init; }

    /// <summary>Whether it takes and gives messages in pieces.</summary>
    internal bool HasPieces => MaxMessageSize > DataTransferSize;
}
