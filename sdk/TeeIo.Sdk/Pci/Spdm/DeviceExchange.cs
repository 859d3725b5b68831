namespace TeeIo.Pci.Spdm;

/// <summary>What a conversation with a device sees of its relay: the answer to the message it sent last. A conversation yields the DOE objects that go out; when it ends
/// without having failed, its call has succeeded.</summary>
public sealed class DeviceExchange
{
    /// <summary>The device's answer to the object that was yielded last, a whole DOE object.</summary>
    public ReadOnlyMemory<byte> Response { get; set; }

    /// <summary>Why the conversation failed; <see cref="DeviceFailure.None"/> while it hasn't.</summary>
    public DeviceFailure Failure { get; private set; }

    /// <summary>What failed, in words.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>How long to wait before the next object goes out: the device has asked for time.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Whether the conversation has failed.</summary>
    public bool HasFailed => Failure != DeviceFailure.None;

    /// <summary>Ends the conversation with <paramref name="failure"/>; the first one counts.</summary>
    public void Fail(DeviceFailure failure, string detail = "")
    {
        if (!HasFailed) (Failure, Detail) = (failure, detail);
    }
}
