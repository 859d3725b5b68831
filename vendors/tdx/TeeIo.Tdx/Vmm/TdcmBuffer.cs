using TeeIo.Boundaries;
using TeeIo.Tdx.Tdcm;
using TeeIo.Vmm;

namespace TeeIo.Tdx.Vmm;

/// <summary>A guest's buffer while the VMM works on its command. What the guest asked is known from a copy; the buffer is written only.</summary>
/// <param name="memory">The guest's shared memory.</param>
/// <param name="gpa">Where the buffer is.</param>
/// <param name="size">Its size in bytes.</param>
/// <param name="asked">The copy of its header.</param>
internal sealed class TdcmBuffer(IGuestSharedMemory memory, ulong gpa, ulong size, TdvmcallTdcm asked)
{
    /// <summary>How much data fits, at most what any operation returns.</summary>
    public int Capacity { get; } = (int)Math.Min(size - TdcmConstants.HeaderSize, TdcmConstants.MaxReportSize);

    /// <summary>Whether the guest has memory wherever an answer may go, and where the buffer ends: an answer that finds none would never come.</summary>
    public bool IsMemory()
    {
        Span<byte> probe = stackalloc byte[1];
        ulong used = (ulong)(TdcmConstants.HeaderSize + Capacity);
        for (ulong at = 0; at < used; at += TdcmConstants.BufferAlignment)
        {
            if (!memory.TryRead(gpa + at, probe)) return false;
        }

        return memory.TryRead(gpa + size - 1, probe);
    }

    /// <summary>Writes the header.</summary>
    public bool TryWrite(TdcmStatus status, TdcmError error, int length)
    {
        TdvmcallTdcm header = asked;
        (header.Status, header.Error, header.DataLength) = (status, error, (uint)length);
        Span<byte> bytes = stackalloc byte[TdvmcallTdcm.ByteSize];
        header.Write(bytes);
        return memory.TryWrite(gpa, bytes);
    }

    /// <summary>Answers the command: the data first, and the status when everything else is there, because the guest may look at any time.</summary>
    public bool TryComplete(MailboxResult result, ReadOnlySpan<byte> data)
    {
        if (!result.IsOk)
        {
            TdcmError error = result.Error is 0 or > byte.MaxValue ? TdcmError.TdxModule : (TdcmError)result.Error;
            return TryWrite(TdcmStatus.Wait, error, 0) && TryWrite(TdcmStatus.Error, error, 0);
        }

        return (data.IsEmpty || memory.TryWrite(gpa + TdcmConstants.HeaderSize, data))
            && TryWrite(TdcmStatus.Wait, default, data.Length) && TryWrite(TdcmStatus.Completed, default, data.Length);
    }
}
