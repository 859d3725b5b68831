using System.Buffers.Binary;
using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>What the generated clients and dispatchers of mailbox commands share. The recorded bytes of a command are its target and the length of its response, 8 bytes each,
/// then the request and the response where these are records.</summary>
public static class MailboxBoundary
{
    /// <summary>Offset of the request in the recorded bytes; the response follows it.</summary>
    public const int RecordsOffset = 16;

    /// <summary>Outcome of a command that failed without an error code of the mailbox.</summary>
    public const long NoErrorCode = 0xFFFF;

    /// <summary>Runs a command through <paramref name="transport"/>. Where an injector keeps it from going through, the response is empty; a length that the
    /// response doesn't hold is a failure without an error code.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The command.</param>
    /// <param name="transport">Who runs it.</param>
    /// <param name="operation">Its code.</param>
    /// <param name="target">What it is for.</param>
    /// <param name="request">Request data.</param>
    /// <param name="response">Receives the response data.</param>
    /// <param name="responseLength">Bytes of response data.</param>
    /// <param name="recordedRequest">How many bytes of the request are recorded.</param>
    /// <param name="recordedResponse">How many bytes of the response are recorded.</param>
    public static MailboxResult Invoke(
        CrossingHub? hub,
        CallInfo call,
        MailboxTransport transport,
        uint operation,
        ulong target,
        ReadOnlySpan<byte> request,
        Span<byte> response,
        out int responseLength,
        int recordedRequest = 0,
        int recordedResponse = 0)
    {
        using CrossingScope crossing = Open(hub, call, CrossingSide.Client, target, request[..recordedRequest], recordedResponse);
        MailboxResult result;
        if (crossing.Enter) result = transport.Exchange(call, operation, target, request, response, out responseLength);
        else result = Drop(crossing, response, out responseLength, recordedResponse);

        // What a transport says of its buffer may come from the other side.
        if (responseLength < 0 || responseLength > response.Length) (result, responseLength) = (MailboxResult.Fail(0), 0);
        Close(hub, crossing, result, target, request[..recordedRequest], response, responseLength, recordedResponse);
        return result;
    }

    /// <summary>Opens the callee's crossing.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="call">The command.</param>
    /// <param name="target">What it is for.</param>
    /// <param name="request">The request record; empty where there is none.</param>
    /// <param name="recordedResponse">How many bytes of the response are recorded.</param>
    public static CrossingScope Enter(CrossingHub? hub, CallInfo call, ulong target, ReadOnlySpan<byte> request = default, int recordedResponse = 0) =>
        Open(hub, call, CrossingSide.Server, target, request, recordedResponse);

    /// <summary>What the caller of a command that isn't to go through sees: a zero record where the response is one, else an empty response.</summary>
    /// <param name="crossing">The crossing.</param>
    /// <param name="response">The response data.</param>
    /// <param name="responseLength">Bytes of response data.</param>
    /// <param name="recordedResponse">Bytes of the response record.</param>
    public static MailboxResult Drop(scoped in CrossingScope crossing, Span<byte> response, out int responseLength, int recordedResponse = 0)
    {
        response.Clear();
        responseLength = recordedResponse;
        return crossing.Outcome == 0 ? MailboxResult.Ok : MailboxResult.Fail(crossing.Outcome == NoErrorCode ? 0 : (uint)crossing.Outcome);
    }

    /// <summary>Closes <paramref name="crossing"/>.</summary>
    /// <param name="hub">Who learns of the crossing, or null.</param>
    /// <param name="crossing">The crossing.</param>
    /// <param name="result">How the command ended.</param>
    /// <param name="target">What it was for.</param>
    /// <param name="request">The request record; empty where there is none.</param>
    /// <param name="response">The response data.</param>
    /// <param name="responseLength">Bytes of response data.</param>
    /// <param name="recordedResponse">How many bytes of the response are recorded.</param>
    public static void Close(
        CrossingHub? hub,
        scoped in CrossingScope crossing,
        MailboxResult result,
        ulong target,
        ReadOnlySpan<byte> request,
        ReadOnlySpan<byte> response,
        int responseLength,
        int recordedResponse = 0)
    {
        if (hub is not { IsActive: true }) return;
        byte[] recorded = Record(target, request, recordedResponse);
        BinaryPrimitives.WriteInt64LittleEndian(recorded.AsSpan(sizeof(ulong)), responseLength);
        response[..Math.Min(response.Length, recordedResponse)].CopyTo(recorded.AsSpan(RecordsOffset + request.Length));
        crossing.Close(result.IsOk ? 0 : result.Error == 0 ? NoErrorCode : result.Error, recorded);
    }

    private static CrossingScope Open(CrossingHub? hub, CallInfo call, CrossingSide side, ulong target, ReadOnlySpan<byte> request, int recordedResponse) =>
        hub is { IsActive: true } ? hub.Open(call, side, Record(target, request, recordedResponse)) : default;

    private static byte[] Record(ulong target, ReadOnlySpan<byte> request, int recordedResponse)
    {
        byte[] recorded = new byte[RecordsOffset + request.Length + recordedResponse];
        BinaryPrimitives.WriteUInt64LittleEndian(recorded, target);
        request.CopyTo(recorded.AsSpan(RecordsOffset));
        return recorded;
    }
}
