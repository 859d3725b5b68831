using TeeIo.Guest.Attestation;

namespace TeeIo.Cli;

/// <summary>Keeps the first evidence that a guest collects, and refuses nothing: for making a policy of it, on the software platform.</summary>
internal sealed class EvidenceCollector : IAttestationPolicy
{
    /// <summary>The evidence; null before.</summary>
    public DeviceEvidence? Evidence { get; private set; }

    /// <inheritdoc/>
    public AttestationRefusal? Judge(DeviceEvidence evidence, TimeProvider clock)
    {
        Evidence ??= evidence;
        return null;
    }
}
