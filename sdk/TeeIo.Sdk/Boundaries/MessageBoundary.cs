using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>What the generated requesters and dispatchers of messages share.</summary>
public static class MessageBoundary
{
    /// <summary>Messages up to this many bytes are built on the stack.</summary>
    public const int StackLimit = 1024;

    private const int ExtraRoom = 64;

    /// <summary>Room for a response of <paramref name="length"/> bytes or an error message of <paramref name="errorLength"/>, and for what makes either too long.</summary>
    public static int RoomFor(int length, int errorLength) => Math.Max(length, errorLength) + ExtraRoom;

    /// <summary>Copies an array into its place in a message.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> has another length.</exception>
    public static void Fill<T>(ReadOnlySpan<T> source, Span<T> destination, string name)
    {
        if (source.Length != destination.Length) throw new ArgumentException($"It has {source.Length} elements; pass exactly {destination.Length}.", name);
        source.CopyTo(destination);
    }

    /// <summary>The length of a trailing array as its length field counts it.</summary>
    /// <param name="bytes">Bytes of the array.</param>
    /// <param name="unit">Bytes that the field counts as one.</param>
    /// <param name="most">The most that the field can hold.</param>
    /// <exception cref="ArgumentException">The array is longer, or ends inside an element.</exception>
    public static ulong CheckedLength(int bytes, int unit, ulong most)
    {
        if (bytes % unit != 0) throw new ArgumentException($"{bytes} bytes are no whole number of elements of {unit}.", nameof(bytes));
        ulong length = (ulong)(bytes / unit);
        return length <= most ? length : throw new ArgumentException($"{length} elements don't fit into a message; it takes {most}.", nameof(bytes));
    }

    /// <summary>Opens the requester's crossing.</summary>
    public static CrossingScope Open(CrossingHub? hub, CallInfo call, ReadOnlySpan<byte> request) =>
        hub is { IsActive: true } ? hub.Open(call, CrossingSide.Client, request) : default;

    /// <summary>Opens the responder's crossing.</summary>
    public static CrossingScope Enter(CrossingHub? hub, CallInfo call, ReadOnlySpan<byte> request) =>
        hub is { IsActive: true } ? hub.Open(call, CrossingSide.Server, request) : default;

    /// <summary>Sends <paramref name="request"/> and receives the answer into <paramref name="response"/>, unless an injector keeps it from going through.</summary>
    /// <param name="crossing">The requester's crossing.</param>
    /// <param name="transport">Who carries the messages.</param>
    /// <param name="request">The request.</param>
    /// <param name="response">Receives the answer.</param>
    /// <param name="message">What came back.</param>
    /// <param name="result">How it ended, where nothing came back.</param>
    /// <returns>Whether there is an answer to check and read.</returns>
    public static bool TryExchange(
        scoped in CrossingScope crossing, MessageTransport transport, ReadOnlySpan<byte> request, Span<byte> response, out ReadOnlySpan<byte> message, out MessageResult result)
    {
        message = default;
        if (!crossing.Enter)
        {
            result = Decode(crossing.Outcome);
            return false;
        }

        SysResult received = transport.Exchange(request, response);
        result = new MessageResult(received.IsOk ? MessageFailure.None : MessageFailure.NoResponse);
        if (!received.IsOk) return false;
        if (received.Value > response.Length)
        {
            result = new MessageResult(MessageFailure.Malformed);
            return false;
        }

        message = response[..(int)received.Value];
        return true;
    }

    /// <summary>Closes the requester's crossing.</summary>
    /// <returns><paramref name="result"/>.</returns>
    public static MessageResult Close(scoped in CrossingScope crossing, MessageResult result, ReadOnlySpan<byte> message)
    {
        crossing.Close(result.Failure == MessageFailure.ErrorResponse ? result.ErrorCode : -(long)result.Failure, message);
        return result;
    }

    /// <summary>An error code as it is, another failure as its negated number.</summary>
    private static MessageResult Decode(long outcome) =>
        outcome > 0 ? MessageResult.Error((uint)outcome) : outcome == 0 ? MessageResult.Ok : new MessageResult((MessageFailure)(-outcome));
}
