using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>What a conversation with a device sees of its relay: the answer to the message it sent last. A conversation yields the objects that go out; when it ends
/// without having failed, its leaf has succeeded.</summary>
public sealed class Exchange
{
    /// <summary>The device's answer to the object that was yielded last, a whole DOE object.</summary>
    public ReadOnlyMemory<byte> Response { get; internal set; }

    /// <summary>Why the conversation failed; null while it hasn't.</summary>
    public TdxStatus? Failure { get; private set; }

    /// <summary>Ends the conversation with <paramref name="status"/>; the first failure counts.</summary>
    public void Fail(TdxStatus status) => Failure ??= status;
}
