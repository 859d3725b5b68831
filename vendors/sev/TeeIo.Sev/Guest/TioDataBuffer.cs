using TeeIo.Guest;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Guest;

/// <summary>The shared buffer into which the host puts certificates, measurements and report. Copied once; nothing in it counts before its digest was compared.</summary>
internal sealed class TioDataBuffer(GuestMachine machine, ulong gpa) : IDisposable
{
    /// <summary>Its address.</summary>
    public ulong Gpa { get; } = gpa;

    /// <summary>Its pages.</summary>
    public const int Pages = GhcbConstants.DataPages;

    /// <summary>Takes a buffer.</summary>
    /// <returns>Null where there are no pages left.</returns>
    public static TioDataBuffer? Take(GuestMachine machine)
    {
        ulong gpa = machine.AllocatePages(Pages, isPrivate: false);
        return gpa == 0 ? null : new TioDataBuffer(machine, gpa);
    }

    /// <summary>Puts the nonce of fresh measurements at its start.</summary>
    public bool TryWriteNonce(ReadOnlySpan<byte> nonce) => machine.TryWrite(Gpa, nonce, isPrivate: false);

    /// <summary>Copies what the host has put there.</summary>
    public bool TryRead(out TioBlobs blobs)
    {
        byte[] bytes = new byte[Pages * GuestMachine.PageSize];
        blobs = new TioBlobs(bytes);
        return machine.TryRead(Gpa, bytes, isPrivate: false);
    }

    /// <inheritdoc/>
    public void Dispose() => machine.FreePages(Gpa, Pages);
}
