namespace TeeIo.Pci.Spdm;

/// <summary>A private key, wherever it is kept.</summary>
public interface ISpdmSigner
{
    /// <summary>Its algorithm.</summary>
    SpdmSignatureAlgorithm Algorithm { get; }

    /// <summary>Signs a statement, in the form that <see cref="SpdmSignatureAlgorithm.SignatureSize"/> describes.</summary>
    byte[] Sign(in SpdmStatement statement);
}
