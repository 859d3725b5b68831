using TeeIo.Boundaries;
using TeeIo.Linux;

namespace Nvme;

/// <summary>An interrupt of the device, which the kernel counts in an eventfd.</summary>
internal sealed class Interrupt(LinuxTransport linux, Fd counter)
{
    private readonly byte[] _count = new byte[sizeof(ulong)];

    /// <summary>Waits until it has come, and sets its count to 0.</summary>
    /// <returns>False if the time is over. True says "look again", not "it came": a signal may have ended the wait.</returns>
    public bool Wait(TimeSpan timeout)
    {
        SysResult ready = LinuxTransport.Wait(counter, timeout);
        if (ready.Value > 0) linux.Receive(counter, _count);
        return ready.Value > 0 || ready.Errno == Errno.EINTR;
    }
}
