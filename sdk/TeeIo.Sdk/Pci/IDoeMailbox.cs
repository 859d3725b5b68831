using TeeIo.Boundaries;

namespace TeeIo.Pci;

/// <summary>A function's data object exchange mailbox: one DOE object in, one out.</summary>
public interface IDoeMailbox
{
    /// <summary>Sends <paramref name="request"/>, a whole DOE object with its header, and receives the answer.</summary>
    /// <returns>Bytes of the response; EIO where the device refuses or drops the object, EMSGSIZE where <paramref name="response"/> is too small, ENXIO where the device
    /// is gone.</returns>
    SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response);
}
