using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Tdx.Module.Devices;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Platform;

/// <summary>The SDK's SPDM requester as the module's end of a session.</summary>
internal sealed class ModuleRequester(ISpdmVerifier verifier, Random random) : ISpdmRequester
{
    private readonly SpdmRequester _requester = new(verifier, random);

    public bool IsUp => _requester.IsUp;

    public ReadOnlyMemory<byte> Certificates => _requester.CertificateChain;

    public ReadOnlyMemory<byte> Measurements => _requester.Measurements;

    public IEnumerable<byte[]> Connect(Exchange exchange) => Converse(exchange, _requester.StartConnect);

    public IEnumerable<byte[]> Measure(Exchange exchange) => Converse(exchange, _requester.StartMeasurements);

    public IEnumerable<byte[]> Heartbeat(Exchange exchange) => Converse(exchange, _requester.StartHeartbeat);

    public IEnumerable<byte[]> UpdateKeys(Exchange exchange) => Converse(exchange, _requester.StartKeyUpdate);

    public IEnumerable<byte[]> End(Exchange exchange) => Converse(exchange, _requester.StartEnd);

    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => _requester.Seal(protocol, message);

    public bool TryOpen(PciProtocol protocol, ReadOnlySpan<byte> record, out byte[] message) => _requester.TryOpen(protocol, record, out message);

    public void Abandon() => _requester.Abandon();

    private IEnumerable<byte[]> Converse(Exchange exchange, Action start)
    {
        start();
        while (_requester.TryGetRequest(out byte[] request))
        {
            yield return request;
            if (_requester.Accept(exchange.Response.Span)) continue;
            exchange.Fail(_requester.Failure == SpdmFailure.NotAuthentic ? TdxStatus.SpdmAuthFailed : TdxStatus.SpdmInvalidMessage);
            yield break;
        }
    }
}
