using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>What the generated clients and dispatchers of commands share. The recorded bytes of a command are its buffer's.</summary>
public static class CommandBoundary
{
    /// <summary>Runs a command through <paramref name="transport"/>. Where an injector keeps it from going through, the buffer stays as it is.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The command.</param>
    /// <param name="transport">Who runs it.</param>
    /// <param name="command">Its code.</param>
    /// <param name="buffer">Its buffer.</param>
    /// <returns>The status.</returns>
    public static uint Invoke(CrossingHub? hub, CallInfo call, CommandTransport transport, uint command, Span<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(transport);
        using CrossingScope crossing = Open(hub, call, CrossingSide.Client, buffer);
        uint status = crossing.Enter ? transport.Execute(call, command, buffer) : (uint)crossing.Outcome;
        crossing.Close(status, buffer);
        return status;
    }

    /// <summary>Opens the callee's crossing.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The command.</param>
    /// <param name="buffer">Its buffer.</param>
    public static CrossingScope Enter(CrossingHub? hub, CallInfo call, ReadOnlySpan<byte> buffer) => Open(hub, call, CrossingSide.Server, buffer);

    private static CrossingScope Open(CrossingHub? hub, CallInfo call, CrossingSide side, ReadOnlySpan<byte> buffer) =>
        hub is { IsActive: true } ? hub.Open(call, side, buffer) : default;
}
