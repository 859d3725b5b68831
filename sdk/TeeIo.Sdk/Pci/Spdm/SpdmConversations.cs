using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The SDK's SPDM requester as the trusted firmware's end of a session.</summary>
/// <param name="verifier">Checks the device's signatures.</param>
/// <param name="random">Where keys and nonces come from.</param>
public sealed class SpdmConversations(ISpdmVerifier verifier, Random random) : ISpdmRequester
{
    private readonly SpdmRequester _requester = new(verifier, random);

    /// <inheritdoc/>
    public bool IsUp => _requester.IsUp;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Certificates => _requester.CertificateChain;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Measurements => _requester.Measurements;

    /// <inheritdoc/>
    public IEnumerable<byte[]> Connect(DeviceExchange exchange) => Converse(exchange, _requester.StartConnect);

    /// <inheritdoc/>
    public IEnumerable<byte[]> Measure(DeviceExchange exchange, ReadOnlyMemory<byte> nonce = default) => Converse(exchange, () => _requester.StartMeasurements(nonce.Span));

    /// <inheritdoc/>
    public IEnumerable<byte[]> Heartbeat(DeviceExchange exchange) => Converse(exchange, _requester.StartHeartbeat);

    /// <inheritdoc/>
    public IEnumerable<byte[]> UpdateKeys(DeviceExchange exchange) => Converse(exchange, _requester.StartKeyUpdate);

    /// <inheritdoc/>
    public IEnumerable<byte[]> End(DeviceExchange exchange) => Converse(exchange, _requester.StartEnd);

    /// <inheritdoc/>
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => _requester.Seal(protocol, message);

    /// <inheritdoc/>
    public bool TryOpen(PciProtocol protocol, ReadOnlySpan<byte> record, out byte[] message) => _requester.TryOpen(protocol, record, out message);

    /// <inheritdoc/>
    public void Abandon() => _requester.Abandon();

    private IEnumerable<byte[]> Converse(DeviceExchange exchange, Action start)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        start();
        while (_requester.TryGetRequest(out byte[] request))
        {
            yield return request;
            if (_requester.Accept(exchange.Response.Span)) continue;
            exchange.Fail(_requester.Failure == SpdmFailure.NotAuthentic ? DeviceFailure.NotAuthentic : DeviceFailure.BadSpdm);
            yield break;
        }
    }
}
