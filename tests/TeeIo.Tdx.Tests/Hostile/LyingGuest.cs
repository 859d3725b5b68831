using TeeIo.Boundaries;
using TeeIo.Hostile;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Tdx.Tests.Hostile;

/// <summary>A guest that shows any registers and writes to its memory while its host reads there; and the host around the decoder, which notes what reaches it.</summary>
internal sealed class LyingGuest(Mutation mutation) : IGuestSharedMemory, IVmmWorker, IVmmServices, IExitingVcpu
{
    public const ulong Buffer = 0x3000;
    public const int MemorySize = 0x10000;
    private readonly byte[] _memory = new byte[MemorySize];
    private readonly Queue<Action> _work = [];
    private int _readsToChange = mutation.Below(6);
    private int _calls;

    public ConfidentialVm Vm { get; } = new Guest();

    public int Index => 0;

    /// <summary>The range that may be written: what the guest named.</summary>
    public (ulong Gpa, ulong Size) Named { get; set; }

    /// <summary>The device that the guest named.</summary>
    public ulong Device { get; set; }

    /// <summary>What reached the host and shouldn't have.</summary>
    public string? Wrong { get; private set; }

    public Span<byte> Memory => _memory;

    /// <summary>Does what the decoder has put off.</summary>
    public void Work()
    {
        for (int i = 0; _work.TryDequeue(out Action? work); i++)
        {
            if (i > 0) Wrong = "one call has made two commands";
            work();
        }
    }

    public bool TryRead(ulong gpa, Span<byte> destination)
    {
        if (_readsToChange-- == 0) mutation.Scribble(_memory.AsSpan((int)Buffer, TdvmcallTdcm.ByteSize));
        if (!IsMemory(gpa, destination.Length)) return false;
        _memory.AsSpan((int)gpa, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryWrite(ulong gpa, ReadOnlySpan<byte> source)
    {
        if (!IsMemory(gpa, source.Length)) return false;
        if (gpa < Named.Gpa || (ulong)source.Length > Named.Size || gpa - Named.Gpa > Named.Size - (ulong)source.Length) Wrong = $"{source.Length} bytes written at {gpa:x}, outside the guest's buffer";
        source.CopyTo(_memory.AsSpan((int)gpa));
        return true;
    }

    public void Post(Action work) => _work.Enqueue(work);

    public SysResult SupportsTrustedIo(ConfidentialVm vm, uint guestRid) => Note(guestRid);

    public SysResult Bind(ConfidentialVm vm, uint guestRid) => Note(guestRid);

    public SysResult Unbind(ConfidentialVm vm, uint guestRid) => Note(guestRid);

    public SysResult Request(ConfidentialVm vm, uint guestRid, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response)
    {
        Check(request);
        return Note(guestRid);
    }

    public SysResult Evidence(ConfidentialVm vm, uint guestRid, EvidenceObject @object, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response)
    {
        Check(request);
        return Note(guestRid);
    }

    public bool TryTranslateShared(ulong gpa, out ulong hpa)
    {
        hpa = gpa;
        return gpa < MemorySize;
    }

    public SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate)
    {
        Wrong = "a TDVMCALL has the kernel convert memory";
        return SysResult.Ok;
    }

    private void Check(ReadOnlySpan<byte> request)
    {
        bool isOne = TdxGuestRequest.TryRead(request, out TdxGuestRequest asked) && request.Length == TdxGuestRequest.ByteSize
            && asked.Version == GuestRequestConstants.Version && asked.Reserved == 0 && Enum.IsDefined(asked.Operation);
        if (!isOne) Wrong = $"a request that is none: {Convert.ToHexString(request)}";
    }

    /// <summary>The host's answer may be anything, since its other end isn't trusted either.</summary>
    private SysResult Note(uint device)
    {
        const int Limit = 4;
        if (++_calls > Limit) Wrong = "one call asks the host again and again";
        if (device != Device) Wrong = $"device {device:x} is asked for, and the guest named {Device:x}";
        return new SysResult((long)mutation.Number());
    }

    private static bool IsMemory(ulong gpa, int length) => gpa <= MemorySize && (ulong)length <= MemorySize - gpa;

    private sealed class Guest() : ConfidentialVm(1, "vm0");
}
