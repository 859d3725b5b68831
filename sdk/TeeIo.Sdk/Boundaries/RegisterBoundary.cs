using System.Runtime.InteropServices;
using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>What the generated clients and dispatchers of register calls share.</summary>
public static partial class RegisterBoundary
{
    /// <summary>Makes <paramref name="call"/> through <paramref name="transport"/>. Where an injector keeps it from going through, the registers that carry its results are zero.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="transport">Who executes it.</param>
    /// <param name="registers">Selector and arguments in, status and results out.</param>
    /// <param name="status">The register that holds the status.</param>
    /// <returns>The status word.</returns>
    public static ulong Invoke(CrossingHub? hub, CallInfo call, RegisterTransport transport, ref RegisterFile registers, Register status)
    {
        using CrossingScope crossing = Open(hub, call, CrossingSide.Client, ref registers);
        if (crossing.Enter) transport.Call(call, ref registers);
        else Drop(call, ref registers, status, crossing.Outcome);
        return Close(crossing, ref registers, status);
    }

    /// <summary>Opens the callee's crossing. If the callee isn't to be entered, the registers hold what the caller is to see.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="registers">Selector and arguments.</param>
    /// <param name="status">The register that holds the status.</param>
    public static CrossingScope Enter(CrossingHub? hub, CallInfo call, ref RegisterFile registers, Register status)
    {
        CrossingScope crossing = Open(hub, call, CrossingSide.Server, ref registers);
        if (!crossing.Enter) Drop(call, ref registers, status, crossing.Outcome);
        return crossing;
    }

    /// <summary>Closes <paramref name="crossing"/> with the status in <paramref name="registers"/>.</summary>
    /// <returns>The status word.</returns>
    public static ulong Close(scoped in CrossingScope crossing, ref RegisterFile registers, Register status)
    {
        crossing.Close((long)registers[status], Bytes(ref registers));
        return registers[status];
    }

    /// <summary>Puts <paramref name="value"/> into bits of a register.</summary>
    /// <param name="value">The value.</param>
    /// <param name="lowBit">The lowest of the bits.</param>
    /// <param name="bitCount">How many there are, 1 to 64.</param>
    /// <param name="name">The argument's name, for the exception.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value has more bits.</exception>
    public static ulong Place(ulong value, int lowBit, int bitCount, string name)
    {
        ulong most = ulong.MaxValue >> (64 - bitCount);
        return value <= most ? value << lowBit : throw new ArgumentOutOfRangeException(name, value, $"The register has {bitCount} bits for it, so it is at most 0x{most:x}.");
    }

    /// <summary>The value of bits of a register.</summary>
    /// <param name="register">The register's value.</param>
    /// <param name="lowBit">The lowest of the bits.</param>
    /// <param name="bitCount">How many there are, 1 to 64.</param>
    public static ulong Extract(ulong register, int lowBit, int bitCount) => (register >> lowBit) & (ulong.MaxValue >> (64 - bitCount));

    /// <summary>The bytes of a record of up to eight bytes as a register holds them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The record is bigger.</exception>
    public static ulong Pack<T>(in T record)
        where T : unmanaged
    {
        ulong register = 0;
        MemoryMarshal.Write(MemoryMarshal.AsBytes(new Span<ulong>(ref register)), in record);
        return register;
    }

    /// <summary>The record of up to eight bytes that a register holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The record is bigger.</exception>
    public static T Unpack<T>(ulong register)
        where T : unmanaged => MemoryMarshal.Read<T>(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in register)));

    private static CrossingScope Open(CrossingHub? hub, CallInfo call, CrossingSide side, ref RegisterFile registers) =>
        hub is { IsActive: true } ? hub.Open(call, side, Bytes(ref registers)) : default;

    private static void Drop(CallInfo call, ref RegisterFile registers, Register status, long outcome)
    {
        foreach (ArgumentInfo argument in call.Arguments)
        {
            if (argument.IsOutput) registers[argument.Offset / sizeof(ulong)] = 0;
        }

        registers[status] = (ulong)outcome;
    }

    private static Span<byte> Bytes(ref RegisterFile registers) => MemoryMarshal.AsBytes(new Span<RegisterFile>(ref registers));
}
