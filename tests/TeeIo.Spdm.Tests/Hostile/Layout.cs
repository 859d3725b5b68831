using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>The parts of a packet. Together they are all of it, so that no byte of it has no rule.</summary>
internal sealed class Layout
{
    private readonly Recording _recording;
    private readonly Verdict _onDamage;

    private Layout(Recording recording, IReadOnlyList<Field> fields, Verdict onDamage) => (_recording, Fields, _onDamage) = (recording, fields, onDamage);

    /// <summary>The parts, one after the other.</summary>
    public IReadOnlyList<Field> Fields { get; }

    /// <summary>What must become of a life in which the packet, as its transport sees it, isn't one.</summary>
    public Verdict OnDamage => _onDamage;

    /// <summary>The parts of a step's packet.</summary>
    public static Layout Of(Recording recording, int number, bool isRequest)
    {
        Step step = recording.Steps[number];
        byte[] packet = isRequest ? step.RequestPacket : step.ResponsePacket;
        bool isRecord = number >= recording.FirstRecord;
        int header = recording.Lane.Binding.HeaderSize;
        Verdict onDamage = isRecord ? new(DeviceFailure.NotAuthentic, step.Code, RecordFields.HasSession(recording, number, isRequest)) : new(DeviceFailure.BadSpdm, step.Code);
        IReadOnlyList<Field> inner = isRecord ? RecordFields.Of(recording, number, isRequest)
            : isRequest ? new RequestFields(recording, number).All : new ResponseFields(recording, number).All;
        int padding = packet.Length - header - inner.Sum(field => field.Size);
        Assert.True(padding >= 0, $"step {number}, {step.Code}: the fields have {-padding} bytes more than the packet");
        Assert.True(padding < Unit(recording.Lane), $"step {number}, {step.Code}: {padding} bytes of the packet belong to no field");
        List<Field> all = [.. Transport(recording.Lane, packet, onDamage), .. inner];
        if (padding > 0) all.Add(new("padding", padding, _ => Verdict.Unseen, Verdict.Unseen));
        return new Layout(recording, all, onDamage);
    }

    /// <summary>What must become of a life in which one bit of the packet is another.</summary>
    public (Field Field, Verdict Verdict) OnFlip(byte[] arrived, int bit)
    {
        (Field field, int start) = At(bit / 8);
        ulong value = 0;
        for (int i = Math.Min(field.Size, sizeof(ulong)) - 1; i >= 0; i--) value = value << 8 | arrived[start + i];
        return (field, field.OnChange(value));
    }

    /// <summary>What must become of a life in which the packet ends early: the transport sees that, where it says how long a packet is.</summary>
    public Verdict OnCut(int length) => _recording.Lane.Binding == SpdmBinding.Mctp ? At(length).Field.OnCut : _onDamage;

    /// <summary>What must become of a life in which the message or record ends early, in a packet that is whole.</summary>
    public Verdict OnInnerCut(int length) => At(_recording.Lane.Binding.HeaderSize + length).Field.OnCut;

    private (Field Field, int Start) At(int position)
    {
        int start = 0;
        foreach (Field field in Fields)
        {
            if (position < start + field.Size) return (field, start);
            start += field.Size;
        }

        throw new ArgumentOutOfRangeException(nameof(position));
    }

    private static IEnumerable<Field> Transport(Lane lane, byte[] packet, Verdict onDamage)
    {
        int size = lane.Binding.HeaderSize;
        if (lane.Binding != SpdmBinding.PciDoe) return [new("transport", size, _ => onDamage, onDamage)];

        // The length has 18 bits; those above it are reserved, and nobody looks at them.
        const uint mask = (DoeConstants.MaxObjectSize / DoeConstants.ObjectAlignment) - 1;
        Verdict length(ulong value) => (value & mask) == (uint)packet.Length / DoeConstants.ObjectAlignment ? Verdict.Unseen : onDamage;
        return [new("object type", size - sizeof(uint), _ => onDamage, onDamage), new("object length", sizeof(uint), length, onDamage)];
    }

    private static int Unit(Lane lane) => lane.Binding == SpdmBinding.PciDoe ? DoeConstants.ObjectAlignment : 1;
}
