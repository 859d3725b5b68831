using System.Buffers.Binary;
using System.Globalization;

namespace TeeIo.Flow;

/// <summary>Reads the recorded arguments of a crossing by their names.</summary>
public static class CrossingArguments
{
    /// <summary>The value of <paramref name="argument"/>: outputs as they came back, inputs as they went in.</summary>
    /// <returns>False where the recorded bytes are too short to hold it.</returns>
    public static bool TryRead(Crossing crossing, ArgumentInfo argument, out ulong value)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        ArgumentNullException.ThrowIfNull(argument);
        ReadOnlySpan<byte> bytes = (argument.IsOutput && crossing.ClosedAt >= 0 ? crossing.Output : crossing.Input).Span;
        value = 0;
        if (argument.Offset + argument.Size > bytes.Length) return false;
        bytes = bytes.Slice(argument.Offset, argument.Size);
        value = argument.Size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        if (argument.BitCount > 0 && argument.BitCount < 64) value = (value >> argument.LowBit) & ((1UL << argument.BitCount) - 1);
        return true;
    }

    /// <summary>The value of the argument called <paramref name="name"/>.</summary>
    public static bool TryRead(Crossing crossing, string name, out ulong value)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        foreach (ArgumentInfo argument in crossing.Call.Arguments)
        {
            if (string.Equals(argument.Name, name, StringComparison.Ordinal)) return TryRead(crossing, argument, out value);
        }

        value = 0;
        return false;
    }

    /// <summary>Name and shown value of each argument that was recorded.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Describe(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        foreach (ArgumentInfo argument in crossing.Call.Arguments)
        {
            if (TryRead(crossing, argument, out ulong value)) yield return new(argument.Name, Format(argument, value));
        }
    }

    /// <summary>The outcome in the call's own terms.</summary>
    public static string DescribeOutcome(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        if (crossing.ClosedAt < 0) return "open";
        if (crossing.Threw) return "threw";
        CallInfo call = crossing.Call;
        long outcome = crossing.Outcome;
        return call.Outcome switch
        {
            OutcomeKind.Syscall when outcome < 0 => "-" + (Linux.Errno)(int)-outcome,
            OutcomeKind.Syscall => outcome.ToString(CultureInfo.InvariantCulture),
            _ when call.IsSuccess(outcome) => "0",
            _ => call.OutcomeNames?.Format((ulong)outcome & call.OutcomeMask) ?? "0x" + outcome.ToString("x", CultureInfo.InvariantCulture),
        };
    }

    private static string Format(ArgumentInfo argument, ulong value) => argument.Format switch
    {
        ArgumentFormat.Names => argument.Names?.Format(value) ?? value.ToString(CultureInfo.InvariantCulture),
        ArgumentFormat.Number => value.ToString(CultureInfo.InvariantCulture),
        _ => "0x" + value.ToString("x", CultureInfo.InvariantCulture),
    };
}
