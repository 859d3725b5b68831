using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>A whole life on a wire that changes one packet, in each direction. What must become of it says each field's rule: no byte has none.</summary>
public sealed class TamperedLifeTests(ITestOutputHelper output)
{
    private const int BitsPerByte = 8;
    private static readonly int[] s_tails = [1, 4, 64, 5000];

    public static TheoryData<string, bool> Lanes()
    {
        TheoryData<string, bool> lanes = [];
        foreach (Lane lane in HostileExtent.Lanes)
        {
            lanes.Add(lane.Name, true);
            lanes.Add(lane.Name, false);
        }

        return lanes;
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_bit_that_differs_is_never_believed(string lane, bool isRequest) => Each(lane, isRequest, "bits", (run, recording, step, layout, packet) =>
    {
        foreach (int bit in HostileExtent.Bits(step, layout.Fields))
        {
            byte[] sample = [.. packet];
            sample[bit / BitsPerByte] ^= (byte)(1 << (bit % BitsPerByte));
            (Field field, Verdict verdict) = layout.OnFlip(sample, bit);
            run.Live($"{Name(recording, step, isRequest)}, {field.Name}, bit {bit}", Changed(step, isRequest, live => Flip(live, bit)), verdict);
        }
    });

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_packet_that_ends_early_is_never_believed(string lane, bool isRequest) => Each(lane, isRequest, "cuts", (run, recording, step, layout, packet) =>
    {
        foreach (int cut in HostileExtent.Cuts(step, packet.Length, unit: 1))
        {
            run.Live($"{Name(recording, step, isRequest)}, {cut} bytes of {packet.Length}", Changed(step, isRequest, live => live[..cut]), layout.OnCut(cut));
        }
    });

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_message_that_ends_early_in_a_whole_packet_is_never_believed(string lane, bool isRequest) => Each(lane, isRequest, "inner cuts", (run, recording, step, layout, packet) =>
    {
        // Padding would make up for bytes that are cut off: whole units of it only.
        SpdmBinding binding = recording.Lane.Binding;
        int unit = binding == SpdmBinding.PciDoe ? TeeIo.Pci.Doe.DoeConstants.ObjectAlignment : 1;
        foreach (int cut in HostileExtent.Cuts(step, packet.Length - binding.HeaderSize, unit))
        {
            run.Live($"{Name(recording, step, isRequest)}, {cut} bytes inside", Changed(step, isRequest, live => Rewrap(binding, live, content => content[..cut], step >= recording.FirstRecord)), layout.OnInnerCut(cut));
        }
    });

    [Theory]
    [MemberData(nameof(Lanes))]
    public void What_follows_a_packet_is_refused_and_what_follows_a_message_is_padding(string lane, bool isRequest) => Each(lane, isRequest, "extensions", (run, recording, step, layout, packet) =>
    {
        SpdmBinding binding = recording.Lane.Binding;
        if (!HostileExtent.HasStep(step)) return;
        foreach (int more in s_tails)
        {
            byte[] tail = [.. Enumerable.Repeat((byte)0xA5, more)];
            bool isSeen = binding != SpdmBinding.Mctp;
            run.Live($"{Name(recording, step, isRequest)}, {more} bytes behind the packet", Changed(step, isRequest, live => [.. live, .. tail]), isSeen ? layout.OnDamage : Verdict.Unseen);
            if (packet.Length + more > ushort.MaxValue) continue;
            run.Live($"{Name(recording, step, isRequest)}, {more} bytes behind the message", Changed(step, isRequest, live => Rewrap(binding, live, content => [.. content, .. tail], step >= recording.FirstRecord)), Verdict.Unseen);
        }
    });

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_packet_that_is_lost_ends_it(string lane, bool isRequest) => Each(lane, isRequest, "losses", (run, recording, step, layout, _) =>
        run.Live($"{Name(recording, step, isRequest)} is lost", Changed(step, isRequest, _ => null), layout.OnDamage));

    private void Each(string name, bool isRequest, string kind, Action<HostileRun, Recording, int, Layout, byte[]> attack)
    {
        var lane = Lane.Of(name);
        var recording = Recording.Of(lane);
        HostileRun run = new(lane, output);
        for (int step = 0; step < recording.Steps.Count; step++)
            attack(run, recording, step, Layout.Of(recording, step, isRequest), isRequest ? recording.Steps[step].RequestPacket : recording.Steps[step].ResponsePacket);
        run.End($"{kind} of {(isRequest ? "requests" : "responses")}");
    }

    private static string Name(Recording recording, int step, bool isRequest) => $"step {step}, {(isRequest ? "" : "answer to ")}{recording.Steps[step].Code}";

    private static Wire Changed(int step, bool isRequest, Func<byte[], byte[]?> change)
    {
        byte[]? at(int number, byte[] packet) => number == step ? change(packet) : packet;
        return isRequest ? new Wire { Request = at } : new Wire { Response = at };
    }

    private static byte[] Flip(byte[] live, int bit)
    {
        byte[] changed = [.. live];
        changed[bit / BitsPerByte] ^= (byte)(1 << (bit % BitsPerByte));
        return changed;
    }

    private static byte[] Rewrap(SpdmBinding binding, byte[] live, Func<byte[], byte[]> change, bool isRecord)
    {
        Assert.True(binding.TryUnwrap(live, out _, out ReadOnlySpan<byte> content));
        byte[] changed = change(content.ToArray());
        byte[] packet = new byte[binding.PacketSize(changed.Length)];
        changed.CopyTo(packet, binding.HeaderSize);
        return packet[..binding.Wrap(packet, changed.Length, isRecord)];
    }
}
