using System.Buffers.Binary;
using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>An op on its way between two layers: the caller's crossing and, inside it, the callee's.</summary>
public readonly ref struct OpsBoundary
{
    private readonly CrossingScope _client;
    private readonly CrossingScope _server;

    private OpsBoundary(CrossingScope client, CrossingScope server)
    {
        _client = client;
        _server = server;
    }

    /// <summary>Whether to enter the callee.</summary>
    public bool Enter => _client.Enter && _server.Enter;

    /// <summary>If the callee isn't to be entered: what the caller sees.</summary>
    public SysResult Outcome => new(_client.Enter ? _server.Outcome : _client.Outcome);

    /// <summary>Opens both crossings, the callee's only if the caller's goes through.</summary>
    public static OpsBoundary Open(CrossingHub? hub, CallInfo call, scoped ReadOnlySpan<byte> arguments)
    {
        if (hub is not { IsActive: true }) return default;
        CrossingScope client = hub.Open(call, CrossingSide.Client, arguments);
        return new OpsBoundary(client, client.Enter ? hub.Open(call, CrossingSide.Server, arguments) : default);
    }

    /// <summary>Ends both crossings.</summary>
    /// <returns><paramref name="result"/>.</returns>
    public SysResult Close(SysResult result, scoped ReadOnlySpan<byte> arguments)
    {
        _server.Close(result.Raw, arguments);
        _client.Close(result.Raw, arguments);
        return result;
    }

    /// <summary>Ends what is still open as having thrown.</summary>
    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
    }

    /// <summary>Records a number as argument <paramref name="index"/>.</summary>
    public static void Record(Span<byte> arguments, int index, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(arguments[(index * sizeof(ulong))..], value);

    /// <summary>Records an object as argument <paramref name="index"/>: its number, or 0 for none.</summary>
    public static void Record(Span<byte> arguments, int index, ICrossingHandle? value) => Record(arguments, index, value?.CrossingId ?? 0);
}
