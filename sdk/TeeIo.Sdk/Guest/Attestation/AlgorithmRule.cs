using System.Collections.Immutable;
using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation;

/// <summary>By which algorithms a device may prove who it is. What evidence says of them: the hash in the chain, and the leaf's key. Which version of SPDM was spoken no vendor's evidence says; that is the firmware's affair.</summary>
public sealed record AlgorithmRule
{
    /// <summary>The base hash algorithms; by default those that TDISP asks for.</summary>
    public ImmutableArray<BaseHash> Hashes { get; init; } = [BaseHash.Sha384, BaseHash.Sha256];

    /// <summary>The signature algorithms; by default those that TDISP asks for.</summary>
    public ImmutableArray<BaseAsym> Signatures { get; init; } = [BaseAsym.EcdsaP384, BaseAsym.EcdsaP256];
}
