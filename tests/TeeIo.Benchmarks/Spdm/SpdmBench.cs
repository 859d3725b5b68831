using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Benchmarks;

/// <summary>How fast SPDM is, both ends on one thread, beside the cryptography that it contains, in the same run.</summary>
internal sealed class SpdmBench(TextWriter output, int rounds)
{
    private const int Batch = 200;
    private static readonly int[] s_sizes = [16, 256, 1024, 4000];

    /// <summary>All tables.</summary>
    public void Write()
    {
        var lane = Lane.Of("1.3-doe");
        Device device = new(lane.Chain.Slot) { IsListening = false };
        using SpdmRequester requester = new(lane.Chain.Verifier, new Random(1), lane.Requester);
        using SpdmResponder responder = new(device, device, new Random(2), lane.Responder with { HeartbeatPeriod = 0 });
        Carry(responder, requester.Connect);
        Carry(responder, requester.End);
        output.WriteLine($"SPDM 1.3, P-384, SHA-384, AES-256-GCM; both ends on one thread, {rounds} rounds, medians. The protocol's share is what the cryptography beside it doesn't explain.");
        output.WriteLine();
        output.WriteLine("| | a second | µs | allocated | its cryptography, µs | allocated | protocol's share |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        using RawSession raw = new();
        Compare("a session's begin and end", 1, () => Session(responder, requester), raw.Run);
        Carry(responder, requester.Connect);
        foreach (int size in s_sizes) Messages(requester, responder, size);
    }

    private void Messages(SpdmRequester requester, SpdmResponder responder, int size)
    {
        byte[] message = new byte[size];
        byte[] packet = new byte[requester.PacketSize(size)];
        byte[] answer = new byte[responder.MaxPacketSize];

        // A key for each direction, at each end.
        using AesGcm one = new(new byte[SpdmConstants.KeySize], SpdmConstants.TagSize);
        using AesGcm oneAtPeer = new(new byte[SpdmConstants.KeySize], SpdmConstants.TagSize);
        using AesGcm other = new(new byte[SpdmConstants.KeySize], SpdmConstants.TagSize);
        using AesGcm otherAtPeer = new(new byte[SpdmConstants.KeySize], SpdmConstants.TagSize);
        byte[] text = new byte[sizeof(ushort) + SpdmVendorDefined.ByteSize + size];
        Compare($"a message of {size} bytes and its answer", Batch, Talk, Seal);

        void Talk()
        {
            for (int i = 0; i < Batch; i++)
            {
                int sent = requester.Seal(PciProtocol.Tdisp, message, packet);
                int came = responder.Answer(packet.AsSpan(0, sent), answer);
                if (!requester.TryOpen(PciProtocol.Tdisp, answer.AsSpan(0, came), out ReadOnlySpan<byte> echo) || echo.Length != size) throw new InvalidOperationException("The message doesn't come back.");
            }
        }

        void Seal()
        {
            Span<byte> nonce = stackalloc byte[SpdmConstants.IvSize];
            Span<byte> tag = stackalloc byte[SpdmConstants.TagSize];
            Span<byte> header = stackalloc byte[SpdmRecord.ByteSize];
            for (int i = 0; i < Batch; i++)
            {
                one.Encrypt(nonce, text, text, tag, header);
                oneAtPeer.Decrypt(nonce, text, tag, text, header);
                otherAtPeer.Encrypt(nonce, text, text, tag, header);
                other.Decrypt(nonce, text, tag, text, header);
            }
        }
    }

    /// <summary>Rounds of both take turns, so that what else the machine does hits both.</summary>
    private void Compare(string what, int batch, Action run, Action raw)
    {
        List<double> crypto = [];
        long allocated = 0;
        Sample ours = Sample.Of(
            rounds,
            round =>
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                long start = Stopwatch.GetTimestamp();
                raw();
                crypto.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                return round;
            },
            _ => run());
        crypto.RemoveRange(0, crypto.Count - rounds);
        crypto.Sort();
        double time = ours.Median * 1000 / batch;
        double contained = crypto[rounds / 2] * 1000 / batch;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {what} | {1_000_000 / time:N0} | {time:N2} | {ours.Allocated / batch} B | {contained:N2} | {allocated / batch} B | {(time - contained) / time:P0} |"));
    }

    private static void Session(SpdmResponder responder, SpdmRequester requester)
    {
        Carry(responder, requester.StartSession);
        Carry(responder, requester.End);
    }

    private static void Carry(SpdmResponder responder, Func<DeviceExchange, IEnumerable<byte[]>> conversation)
    {
        DeviceExchange exchange = new();
        foreach (byte[] request in conversation(exchange)) exchange.Response = responder.Answer(request);
        if (exchange.HasFailed) throw new InvalidOperationException($"{exchange.Failure}: {exchange.Detail}");
    }
}
