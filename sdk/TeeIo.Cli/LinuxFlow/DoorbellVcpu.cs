using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Cli.LinuxFlow;

/// <summary>A real vCPU as the vendor's models see it: it leaves the guest by the doorbell, and KVM's part of a guest's call is done here. Pages that the vendor's part of KVM looks at are copied into
/// the models' memory for as long as a call takes.</summary>
/// <param name="guest">The guest on it.</param>
/// <param name="vm">The VM's identity in the models.</param>
/// <param name="pages">The models' memory.</param>
internal sealed class DoorbellVcpu(DoorbellGuest guest, ConfidentialVm vm, IHostPages pages) : IVirtualCpu, IExitingVcpu
{
    private readonly Dictionary<ulong, ulong> _copies = [];

    /// <inheritdoc cref="IVirtualCpu.Vm"/>
    public ConfidentialVm Vm => vm;

    /// <inheritdoc cref="IVirtualCpu.Index"/>
    public int Index => 0;

    /// <summary>The guest's memory, once the VMM has it.</summary>
    public Vmm.IGuestSharedMemory? Shared { get; set; }

    /// <inheritdoc/>
    public void ExitWithCall(ref RegisterFile registers) => guest.Call(ref registers);

    /// <inheritdoc/>
    /// <remarks>A plain VM has no private pages to accept.</remarks>
    public bool ExitWithPrivateFault(ulong gpa, bool isWrite) => false;

    /// <inheritdoc/>
    public bool TryTranslateShared(ulong gpa, out ulong hpa)
    {
        ulong page = gpa & ~(ulong)(PhysicalMemory.PageSize - 1);
        if (!_copies.TryGetValue(page, out hpa))
        {
            byte[] bytes = new byte[PhysicalMemory.PageSize];
            if (Shared?.TryRead(page, bytes) != true || (hpa = pages.Allocate()) == 0) return false;
            pages.Write(hpa, bytes);
            _copies.Add(page, hpa);
        }

        hpa += gpa - page;
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>The guest shares its pages by KVM's own hypercall.</remarks>
    public SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate) => Errno.EOPNOTSUPP;

    /// <summary>Brings what the vendor's part of KVM has changed into the guest's memory.</summary>
    public void WriteBack()
    {
        byte[] bytes = new byte[PhysicalMemory.PageSize];
        foreach ((ulong gpa, ulong hpa) in _copies)
        {
            pages.Read(hpa, bytes);
            Shared!.TryWrite(gpa, bytes);
        }
    }

    /// <summary>Brings what the VMM has changed in the guest's memory into the copies.</summary>
    public void Refresh()
    {
        byte[] bytes = new byte[PhysicalMemory.PageSize];
        foreach ((ulong gpa, ulong hpa) in _copies)
        {
            if (Shared!.TryRead(gpa, bytes)) pages.Write(hpa, bytes);
        }
    }

    /// <summary>The call has ended: the copies go.</summary>
    public void Forget()
    {
        foreach (ulong hpa in _copies.Values) pages.Free(hpa);
        _copies.Clear();
    }
}
