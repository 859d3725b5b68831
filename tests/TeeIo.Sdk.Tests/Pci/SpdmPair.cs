using System.Security.Cryptography;
using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>A requester and a responder with a wire between them that a test can tamper with.</summary>
internal sealed class SpdmPair : ISpdmIdentity, ISpdmVerifier, ISpdmProtocols, IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public SpdmPair()
    {
        byte[] chain = new byte[700];
        new SpdmCertificateChain { Length = (uint)chain.Length }.Write(chain);
        CertificateChain = chain;
        Requester = new SpdmRequester(this, new Random(1));
        Responder = new SpdmResponder(this, this, new Random(2), new SpdmResponderOptions(1024, 256, 60));
    }

    public SpdmRequester Requester { get; }

    public SpdmResponder Responder { get; }

    public int SessionsEnded { get; private set; }

    public int Exchanges { get; private set; }

    /// <summary>What happens to the responder's device while it answers a message of a protocol.</summary>
    public Action? Meanwhile { get; set; }

    public ReadOnlyMemory<byte> CertificateChain { get; }

    public ReadOnlyMemory<byte> Measurements { get; } = new byte[] { 1, 1, 4, 0, 0x80, 1, 0, 0x5A };

    public int MeasurementCount => 1;

    /// <summary>Carries the requester's operation to its end; <paramref name="tamper"/> changes answers on their way.</summary>
    public bool Run(Func<int, byte[], byte[]>? tamper = null)
    {
        for (int i = 0; Requester.TryGetRequest(out byte[] request); i++)
        {
            byte[] answer = Answer(request);
            Exchanges++;
            if (!Requester.Accept(tamper is null ? answer : tamper(i, answer))) return false;
        }

        return Requester.Failure == SpdmFailure.None;
    }

    public SpdmPair Connected()
    {
        Requester.StartConnect();
        Assert.True(Run(), $"{Requester.Failure} {Requester.ErrorCode}");
        return this;
    }

    public byte[] Answer(byte[] request)
    {
        Assert.True(DoeObject.TryRead(request, out DoeObjectType type, out ReadOnlySpan<byte> content));
        return Responder.Answer(type, content);
    }

    public byte[] Sign(ReadOnlySpan<byte> message) => _key.SignData(message, HashAlgorithmName.SHA384);

    public bool Verify(ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => _key.VerifyData(message, signature, HashAlgorithmName.SHA384);

    int ISpdmProtocols.Answer(PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response)
    {
        Meanwhile?.Invoke();
        if (protocol != PciProtocol.Tdisp) return 0;
        message.CopyTo(response);
        return message.Length;
    }

    void ISpdmProtocols.SessionEnded() => SessionsEnded++;

    public void Dispose() => _key.Dispose();
}
