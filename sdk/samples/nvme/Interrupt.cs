using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;

namespace Nvme;

/// <summary>An interrupt of the device, which the kernel counts in an eventfd.</summary>
/// <param name="linux">Reads the count.</param>
/// <param name="counter">The eventfd.</param>
/// <param name="vector">Its number among the device's interrupts.</param>
internal sealed class Interrupt(LinuxTransport linux, Fd counter, ushort vector)
{
    private readonly byte[] _count = new byte[sizeof(ulong)];

    /// <summary>Its number among the device's interrupts.</summary>
    public ushort Vector => vector;

    /// <summary>How often it was seen to come.</summary>
    public ulong Count { get; private set; }

    /// <summary>Waits until it comes, if it didn't since the last time.</summary>
    /// <returns>False if the time is over. True says "look again", not "it came": a signal may have ended the wait.</returns>
    public bool Wait(TimeSpan timeout)
    {
        SysResult ready = LinuxTransport.Wait(counter, timeout);
        if (ready.Value > 0 && linux.Receive(counter, _count).IsOk) Count += BinaryPrimitives.ReadUInt64LittleEndian(_count);
        return ready.Value > 0 || ready.Errno == Errno.EINTR;
    }
}
