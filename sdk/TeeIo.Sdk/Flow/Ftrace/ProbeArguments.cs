using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using TeeIo.Boundaries;

namespace TeeIo.Flow.Ftrace;

/// <summary>Puts the fields of a probe's event where a crossing's recorded bytes have them: words of an ioctl's record (<c>w0</c>, <c>w1</c> …), registers by their names, and anything else by the
/// argument's own name.</summary>
internal static class ProbeArguments
{
    private const int Word = sizeof(ulong);

    /// <summary>The words of the record that an ioctl's argument points to, up to the first that couldn't be read.</summary>
    public static byte[] Words(FtraceEvent e)
    {
        List<byte> bytes = [];
        for (int i = 0; e.TryGetNumber("w" + i.ToString(CultureInfo.InvariantCulture), out ulong word); i++) bytes.AddRange(Bytes(word));
        return [.. bytes];
    }

    /// <summary>Whether a value that tells sub-calls apart stands in a record.</summary>
    public static bool Holds(ReadOnlySpan<byte> record, CallSelector selector)
    {
        if (record.Length < selector.Offset + selector.Size) return false;
        Span<byte> value = stackalloc byte[Word];
        value.Clear();
        record.Slice(selector.Offset, selector.Size).CopyTo(value);
        return BinaryPrimitives.ReadUInt64LittleEndian(value) == selector.Value;
    }

    /// <summary>The recorded bytes of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="e">The event at which it begins or ends.</param>
    /// <param name="device">The function that the event is about; null where it names none.</param>
    public static byte[] Of(CallInfo call, FtraceEvent e, ulong? device)
    {
        if (e.Fields.Any(f => Enum.TryParse<Register>(f.Key, ignoreCase: true, out _))) return Registers(e);
        if (e.Text("w0") is null && e.Text("arg") is null) return Named(call, e, device);

        // A record of IOMMUFD and VFIO begins with its size, which is no argument, and one of KVM has its size in the request: an argument at 0 of a request without a size is the scalar itself.
        bool hasSize = call.Number > ushort.MaxValue;
        if (!hasSize && call.Arguments is [{ Offset: 0, Size: Word }] && e.TryGetNumber("arg", out ulong scalar)) return Bytes(scalar);
        byte[] words = Words(e);
        int size = call.Arguments.Select(a => a.Offset + a.Size).DefaultIfEmpty(0).Max();
        if (!hasSize && IsIoctl(call) && words.Length >= sizeof(uint)) size = Math.Min(size, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(words), int.MaxValue));
        return words.Length > size ? words[..size] : words;
    }

    // What lies behind a short record is the caller's other memory.
    private static bool IsIoctl(CallInfo call) => call.Outcome == OutcomeKind.Syscall;

    private static byte[] Registers(FtraceEvent e)
    {
        byte[] bytes = new byte[Word * Enum.GetValues<Register>().Length];
        foreach ((string field, _) in e.Fields)
        {
            if (Enum.TryParse(field, ignoreCase: true, out Register register) && e.TryGetNumber(field, out ulong value)) Bytes(value).CopyTo(bytes, Word * (int)register);
        }

        return bytes;
    }

    /// <summary>The arguments up to the first that the probe doesn't give: bytes behind a gap would be invented.</summary>
    private static byte[] Named(CallInfo call, FtraceEvent e, ulong? device)
    {
        ImmutableArray<ArgumentInfo> arguments = call.Arguments;
        List<byte> bytes = [];
        foreach (ArgumentInfo argument in arguments.OrderBy(a => a.Offset))
        {
            ulong? value = argument.Name is "function" or "tdi" ? device : e.TryGetNumber(argument.Name, out ulong named) ? named : null;
            if (value is null || argument.Offset != bytes.Count || argument.Size != Word) break;
            bytes.AddRange(Bytes(value.Value));
        }

        return [.. bytes];
    }

    private static byte[] Bytes(ulong value)
    {
        byte[] bytes = new byte[Word];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
