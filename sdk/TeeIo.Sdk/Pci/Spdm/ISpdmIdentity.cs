namespace TeeIo.Pci.Spdm;

/// <summary>Who a responder is, and what runs in it.</summary>
public interface ISpdmIdentity
{
    /// <summary>The certificate chain with its header.</summary>
    ReadOnlyMemory<byte> CertificateChain { get; }

    /// <summary>The measurement blocks, one after the other.</summary>
    ReadOnlyMemory<byte> Measurements { get; }

    /// <summary>How many blocks these are.</summary>
    int MeasurementCount { get; }

    /// <summary>Signs <paramref name="message"/> with the leaf's key (ECDSA on P-384 with SHA-384: r, then s).</summary>
    byte[] Sign(ReadOnlySpan<byte> message);
}
