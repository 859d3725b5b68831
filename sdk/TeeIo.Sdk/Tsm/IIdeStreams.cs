using TeeIo.Boundaries;
using TeeIo.Pci;

namespace TeeIo.Tsm;

/// <summary>The registers of selective IDE streams at both ends of a link, where the host's PCI core sets them up itself and firmware only brings the keys. A stream set up here is for
/// traffic class 0 and, at the device, for TLPs with the T bit only.</summary>
public interface IIdeStreams
{
    /// <summary>Takes a register block of the root port and one of the device's port, and associates the functions from <paramref name="firstRid"/> to <paramref name="lastRid"/>.</summary>
    /// <param name="function">The function that has the device's port.</param>
    /// <param name="streamId">Id of the stream on the link.</param>
    /// <param name="firstRid">The first requester id behind the stream.</param>
    /// <param name="lastRid">The last one.</param>
    /// <returns>EBUSY where the id is in use below this root port; ENOSPC where no register block is free.</returns>
    SysResult Open(PciAddress function, byte streamId, ushort firstRid, ushort lastRid);

    /// <summary>Switches both ends on, once the keys are there.</summary>
    /// <returns>EIO where an end isn't secure.</returns>
    SysResult Enable(PciAddress function, byte streamId);

    /// <summary>Switches both ends off, and frees their register blocks.</summary>
    void Close(PciAddress function, byte streamId);
}
