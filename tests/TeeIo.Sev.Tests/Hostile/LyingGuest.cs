using TeeIo.Boundaries;
using TeeIo.Hostile;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Kvm;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>A guest that shows any GHCB page and writes to it while its host reads; and the host around KVM and decoder, which notes what reaches it.</summary>
/// <param name="mutation">The mutation.</param>
/// <param name="memory">The machine's memory.</param>
/// <param name="start">Where in it the guest's begins.</param>
/// <param name="known">The VM as KVM knows it.</param>
internal sealed class LyingGuest(Mutation mutation, PhysicalMemory memory, ulong start, Func<SevVm> known) : IGuestSharedMemory, IVmmServices, IExitingVcpu
{
    public const ulong Pages = 16;
    private const ulong PageSize = PhysicalMemory.PageSize;
    private int _calls;

    public ConfidentialVm Vm { get; init; } = new Guest();

    public int Index => 0;

    /// <summary>What reached the host and shouldn't have.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Whether anything reached the host.</summary>
    public bool HasReached => _calls > 0;

    public bool TryRead(ulong gpa, Span<byte> destination)
    {
        if (!IsMemory(gpa, destination.Length)) return false;
        memory.Read(start + gpa, destination, KeyId.Shared);
        return true;
    }

    public bool TryWrite(ulong gpa, ReadOnlySpan<byte> source)
    {
        if (!IsMemory(gpa, source.Length)) return false;
        for (int done = 0; done < source.Length; done += (int)PageSize) memory.Write(start + gpa + (ulong)done, source.Slice(done, Math.Min(source.Length - done, (int)PageSize)), KeyId.Shared);
        return true;
    }

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
        if (nonce.Length is not (0 or SevGuestRequestConstants.NonceSize)) Wrong = $"a nonce of {nonce.Length} bytes";
        return Note(guestRid);
    }

    public bool TryTranslateShared(ulong gpa, out ulong hpa)
    {
        hpa = start + gpa;
        return IsMemory(gpa, 1);
    }

    /// <summary>The kernel converts only where the guest has something, and never by any number of pages.</summary>
    public SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate) => IsMemory(gpa, 1) && length <= (Pages * PageSize) - gpa ? SysResult.Ok : Linux.Errno.EINVAL;

    private void Check(ReadOnlySpan<byte> request)
    {
        bool isOne = request.Length == SevGuestRequest.ByteSize && SevGuestRequest.TryRead(request, out SevGuestRequest asked) && asked.Version == SevGuestRequestConstants.Version
            && asked.Reserved == 0 && Enum.IsDefined(asked.Operation) && IsAnnounced(asked);
        if (!isOne) Wrong = $"a request that is none: {Convert.ToHexString(request)}";
    }

    private bool IsAnnounced(in SevGuestRequest asked) => asked.Operation != SevRequestOperation.Message || known().IsAnnounced(asked.ReqSpa, asked.RspSpa);

    /// <summary>The host's answer may be anything, since its other end isn't trusted either.</summary>
    private SysResult Note(uint device)
    {
        const int Limit = 8;
        if (++_calls > Limit) Wrong = $"one call about {device:x} asks the host again and again";
        return mutation.Once(2) ? SysResult.Of(mutation.Below(64)) : new SysResult((long)mutation.Number());
    }

    private static bool IsMemory(ulong gpa, int length) => gpa < Pages * PageSize && (ulong)length <= (Pages * PageSize) - gpa;

    private sealed class Guest() : ConfidentialVm(1, "vm0");
}
