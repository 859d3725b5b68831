using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Tdx.Host;

/// <summary>The evidence that the host's TSM driver keeps: certificates and measurements since the connect, the interface report of a bound TDI from the device.</summary>
/// <param name="host">The driver.</param>
[TsmDriver]
public sealed partial class TdxHostEvidence(TdxHostTsm host) : HostEvidenceDriver
{
    /// <inheritdoc/>
    protected override SysResult RefreshEvidence(RefreshEvidenceContext context)
    {
        // The module takes no nonce.
        if (!context.Nonce.IsEmpty) return Errno.EOPNOTSUPP;
        if (host.ConnectionOf(context.Function) is not { } connection) return Errno.ENXIO;
        switch (context.Type)
        {
            case EvidenceObject.Cert0: return Answer(connection.Information.Certificates, context.Response);
            case EvidenceObject.Measurements: return Answer(connection.Information.Measurements, context.Response);
            case EvidenceObject.Report when host.InterfaceOf(context.Function) is { } bound:
                RelayOutcome outcome = bound.ReadReport(out byte[] report);
                return outcome.IsOk ? Answer(report, context.Response) : Errno.EIO;
            default: return Errno.ENXIO;
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
