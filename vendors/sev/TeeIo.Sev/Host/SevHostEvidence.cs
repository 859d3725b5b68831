using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Sev.Host;

/// <summary>The evidence that the host's TSM driver keeps: certificates and measurements of the device, the interface report of a bound TDI.</summary>
/// <param name="host">The driver.</param>
[TsmDriver]
public sealed partial class SevHostEvidence(SevHostTsm host) : HostEvidenceDriver
{
    /// <inheritdoc/>
    protected override SysResult RefreshEvidence(RefreshEvidenceContext context)
    {
        if (host.ConnectionOf(context.Function) is not { } connection) return Errno.ENXIO;
        bool isFresh = !context.Nonce.IsEmpty;
        switch (context.Type)
        {
            case EvidenceObject.Measurements when isFresh && context.Nonce.Length != TioFirmwareConstants.NonceSize:
                return Errno.EOPNOTSUPP;
            case EvidenceObject.Measurements:
                return isFresh && !connection.Measure(context.Nonce).IsOk ? Errno.EIO : Answer(connection.Measurements, context.Response);
            case EvidenceObject.Cert0 when !isFresh:
                return Answer(connection.Certificates, context.Response);
            case EvidenceObject.Report when !isFresh && host.InterfaceOf(context.Function) is { } bound:
                return Answer(bound.Report, context.Response);
            default:
                return isFresh ? Errno.EOPNOTSUPP : Errno.ENXIO;
        }
    }

    private static SysResult Answer(ReadOnlySpan<byte> data, Span<byte> response)
    {
        if (data.IsEmpty) return Errno.ENXIO;
        if (data.Length > response.Length) return Errno.ENOSPC;
        data.CopyTo(response);
        return SysResult.Of(data.Length);
    }
}
