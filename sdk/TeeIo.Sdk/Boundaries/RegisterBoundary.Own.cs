using System.Runtime.InteropServices;
using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <content>Calls in registers that an interface declares itself.</content>
public static partial class RegisterBoundary
{
    /// <summary>The status of a call whose callee left out a result that it owes. No interface has such a status.</summary>
    public const ulong Incomplete = ulong.MaxValue;

    /// <summary>Makes <paramref name="call"/> through <paramref name="transport"/>. Results are zero where an injector keeps the call from going through, where they don't count, and
    /// the reason also where there is no failure that it explains.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="transport">Who executes it.</param>
    /// <param name="registers">Selector and arguments in, status and results out.</param>
    /// <param name="layout">Where the status is.</param>
    /// <param name="passed">The registers that the call passes, as bits.</param>
    /// <param name="answers">The registers that the callee owes after success, as bits.</param>
    /// <returns>The status word; <see cref="Incomplete"/> where the callee owes something.</returns>
    public static ulong Invoke<TRegisters>(
        CrossingHub? hub, CallInfo call, RegisterTransport<TRegisters> transport, ref TRegisters registers, RegisterLayout layout, ulong passed, ulong answers)
        where TRegisters : unmanaged
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (layout.Valid >= 0) Words(ref registers)[layout.Valid] = passed;
        using CrossingScope crossing = OpenOwn(hub, call, CrossingSide.Client, ref registers);
        if (crossing.Enter) transport.Call(call, ref registers);
        else DropOwn(call, ref registers, layout, crossing.Outcome);
        if (crossing.Enter) Clean(ref registers, layout);
        ulong status = StatusOf(ref registers, layout);
        if (layout.Valid >= 0 && crossing.Enter)
        {
            ulong owed = (1UL << layout.Status) | (status == 0 ? answers : layout.Reason < 0 ? 0 : 1UL << layout.Reason);
            if ((Words(ref registers)[layout.Valid] & owed) != owed) status = Incomplete;
        }

        crossing.Close((long)status, OwnBytes(ref registers));
        if (status != 0 && layout.Reason >= 0) Words(ref registers)[layout.Reason] = 0;
        return status;
    }

    /// <summary>Opens the callee's crossing. If the callee isn't to be entered, the registers hold what the caller is to see.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="registers">Selector and arguments.</param>
    /// <param name="layout">Where the status is.</param>
    public static CrossingScope Enter<TRegisters>(CrossingHub? hub, CallInfo call, ref TRegisters registers, RegisterLayout layout)
        where TRegisters : unmanaged
    {
        CrossingScope crossing = OpenOwn(hub, call, CrossingSide.Server, ref registers);
        if (!crossing.Enter) DropOwn(call, ref registers, layout, crossing.Outcome);
        return crossing;
    }

    /// <summary>Closes <paramref name="crossing"/> with the status in <paramref name="registers"/>.</summary>
    /// <returns>The status word.</returns>
    public static ulong Close<TRegisters>(scoped in CrossingScope crossing, ref TRegisters registers, RegisterLayout layout)
        where TRegisters : unmanaged
    {
        ulong status = StatusOf(ref registers, layout);
        crossing.Close((long)status, OwnBytes(ref registers));
        return status;
    }

    /// <summary>Sets the registers that don't count to zero.</summary>
    public static void Clean<TRegisters>(ref TRegisters registers, RegisterLayout layout)
        where TRegisters : unmanaged
    {
        if (layout.Valid < 0) return;
        Span<ulong> words = Words(ref registers);
        for (int i = 0; i < words.Length; i++)
        {
            if (i != layout.Valid && ((words[layout.Valid] >> i) & 1) == 0) words[i] = 0;
        }
    }

    /// <summary>Puts a status where the caller finds it.</summary>
    /// <param name="registers">The registers, with the results.</param>
    /// <param name="layout">Where the status is.</param>
    /// <param name="status">The status word.</param>
    /// <param name="answered">The registers that count from now on, as bits; status and reason count anyway.</param>
    public static void Answer<TRegisters>(ref TRegisters registers, RegisterLayout layout, ulong status, ulong answered)
        where TRegisters : unmanaged
    {
        Span<ulong> words = Words(ref registers);
        words[layout.Status] = layout.Reason < 0 ? status : (uint)status;
        answered |= 1UL << layout.Status;
        if (layout.Reason >= 0)
        {
            if (status != 0) words[layout.Reason] = status >> 32;
            else if ((answered >> layout.Reason & 1) == 0) words[layout.Reason] = 0;
            answered |= 1UL << layout.Reason;
        }

        if (layout.Valid >= 0) words[layout.Valid] = answered;
    }

    private static ulong StatusOf<TRegisters>(ref TRegisters registers, RegisterLayout layout)
        where TRegisters : unmanaged
    {
        Span<ulong> words = Words(ref registers);
        if (layout.Reason < 0) return words[layout.Status];
        uint status = (uint)words[layout.Status];
        return status == 0 ? 0 : status | (words[layout.Reason] << 32);
    }

    private static CrossingScope OpenOwn<TRegisters>(CrossingHub? hub, CallInfo call, CrossingSide side, ref TRegisters registers)
        where TRegisters : unmanaged => hub is { IsActive: true } ? hub.Open(call, side, OwnBytes(ref registers)) : default;

    private static void DropOwn<TRegisters>(CallInfo call, ref TRegisters registers, RegisterLayout layout, long outcome)
        where TRegisters : unmanaged
    {
        Span<ulong> words = Words(ref registers);
        ulong answered = 0;
        foreach (ArgumentInfo argument in call.Arguments)
        {
            if (!argument.IsOutput) continue;
            words[argument.Offset / sizeof(ulong)] = 0;
            answered |= 1UL << (argument.Offset / sizeof(ulong));
        }

        Answer(ref registers, layout, (ulong)outcome, answered);
    }

    private static Span<ulong> Words<TRegisters>(ref TRegisters registers)
        where TRegisters : unmanaged => MemoryMarshal.Cast<TRegisters, ulong>(new Span<TRegisters>(ref registers));

    private static Span<byte> OwnBytes<TRegisters>(ref TRegisters registers)
        where TRegisters : unmanaged => MemoryMarshal.AsBytes(new Span<TRegisters>(ref registers));
}
