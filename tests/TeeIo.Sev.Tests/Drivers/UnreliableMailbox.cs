using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>A device's mailbox that drops what it is told to drop.</summary>
internal sealed class UnreliableMailbox : IDoeMailbox
{
    public IDoeMailbox? Inner { get; set; }

    /// <summary>Objects so far.</summary>
    public int Count { get; private set; }

    /// <summary>Index of the object from which on it drops them.</summary>
    public int From { get; set; } = int.MaxValue;

    /// <summary>Index of the last object that it drops.</summary>
    public int To { get; set; } = int.MaxValue;

    public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        int index = Count++;
        return index >= From && index <= To ? Errno.EIO : Inner!.Exchange(request, response);
    }
}
