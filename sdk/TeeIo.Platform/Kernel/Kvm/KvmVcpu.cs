using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>A virtual processor: the guest's task runs while a VMM's task is in KVM_RUN, and waits otherwise.</summary>
internal sealed class KvmVcpu : IVirtualCpu, IExitingVcpu
{
    private readonly KvmVm _vm;
    private GuestExit? _exit;
    private bool _isStarted;
    private bool _isRunning;
    private bool _isClosed;

    public KvmVcpu(KvmVm vm, int index)
    {
        (_vm, Index) = (vm, index);
        vm.Vcpus.Add(index, this);
        vm.Get();
    }

    public ConfidentialVm Vm => _vm.Identity;

    public int Index { get; }

    public string Name => $"{_vm.Identity.Name}/vcpu{Index}";

    /// <summary>The page that user space maps: the run structure, and what follows it.</summary>
    public byte[] RunPage { get; } = new byte[RunMemory.ByteLength];

    /// <summary>Whether KVM has given it up, or its VM.</summary>
    public bool IsDead
    {
        get => field || _vm.IsDead;
        set;
    }

    /// <summary>Where in the trace the guest stood when it left last.</summary>
    public CrossingContext ExitContext { get; private set; }

    private ref KvmRun RunRecord => ref MemoryMarshal.AsRef<KvmRun>(RunPage.AsSpan(0, KvmRun.ByteSize));

    private Span<byte> ExitArea => RunRecord.Exit;

    /// <summary>KVM_RUN.</summary>
    public SysResult Run()
    {
        if (_isRunning) return Errno.EINTR;
        if (IsDead) return Errno.EIO;
        _isRunning = true;
        try
        {
            if (_exit is { IsReported: true } pending && Complete(pending) is { } unresolved) return unresolved;
            if (RunRecord.ImmediateExit != 0)
            {
                RunRecord.ExitReason = ExitReason.Intr;
                return Errno.EINTR;
            }

            if (!_isStarted)
            {
                _isStarted = true;
                _vm.Kernel.Scheduler.Start(Name, RunGuest);
            }

            while (true)
            {
                _vm.Kernel.Scheduler.WaitUntil(() => _exit is not null || IsDead || _vm.Owner.IsKilled, $"{Name} to leave the guest");
                if (IsDead) return Errno.EIO;
                if (_vm.Owner.IsKilled) return Errno.EINTR;
                if (Handle(_exit!) is { } result) return result;
            }
        }
        finally
        {
            _isRunning = false;
        }
    }

    /// <summary>Nobody can run it any more: the guest's task ends at its next step.</summary>
    public void Close()
    {
        _isClosed = true;
        _vm.Vcpus.Remove(Index);
        _vm.Put();
    }

    public void ThrowIfClosed()
    {
        if (_isClosed || IsDead) throw new GuestKilledException($"{Name} is gone.");
    }

    public void ExitWithCall(ref RegisterFile registers)
    {
        var exit = new GuestExit(GuestExitKind.Call);
        exit.Registers = registers;
        Leave(exit);
        registers = exit.Registers;
    }

    public bool ExitWithPrivateFault(ulong gpa, bool isWrite) => LeavePrivately(gpa, isWrite, isAcceptance: true);

    /// <summary>A plain access to a private page that isn't mapped.</summary>
    public bool ExitWithPrivateAccess(ulong gpa, bool isWrite) => LeavePrivately(gpa, isWrite, isAcceptance: false);

    public bool ExitWithSharedFault(ulong gpa, bool isWrite)
    {
        var exit = new GuestExit(GuestExitKind.SharedFault) { Gpa = gpa, IsWrite = isWrite };
        Leave(exit);
        return exit.IsResolved;
    }

    /// <summary>An access of at most eight bytes that user space emulates.</summary>
    public void ExitWithMmio(ulong gpa, Span<byte> data, bool isWrite)
    {
        var exit = new GuestExit(GuestExitKind.Mmio) { Gpa = gpa, IsWrite = isWrite };
        exit.Mmio.PhysAddr = gpa;
        exit.Mmio.Len = (uint)data.Length;
        exit.Mmio.IsWrite = isWrite ? (byte)1 : (byte)0;
        Span<byte> bytes = exit.Mmio.Data;
        if (isWrite) data.CopyTo(bytes);
        Leave(exit);
        if (!isWrite) bytes[..data.Length].CopyTo(data);
    }

    public bool TryTranslateShared(ulong gpa, out ulong hpa) => _vm.Pages.TryTranslateShared(gpa, out hpa);

    /// <remarks>The range is the guest's choice, so it counts only where the guest has memory or a device.</remarks>
    public SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate) =>
        _vm.Mmu.FindSlot(gpa) is { } slot && length <= slot.Length - (gpa - slot.Gpa) ? _vm.Mmu.SetPrivate(gpa, length, isPrivate) : Errno.EINVAL;

    private bool LeavePrivately(ulong gpa, bool isWrite, bool isAcceptance)
    {
        var exit = new GuestExit(GuestExitKind.PrivateFault) { Gpa = gpa, IsWrite = isWrite, IsAcceptance = isAcceptance };
        Leave(exit);
        return exit.IsResolved;
    }

    private void Leave(GuestExit exit)
    {
        ThrowIfClosed();
        ExitContext = _vm.Kernel.Hub.Capture();
        _exit = exit;
        _vm.Kernel.Scheduler.WaitUntil(() => exit.IsDone || _isClosed || IsDead, $"{Name} to enter the guest");
        ThrowIfClosed();
    }

    private void RunGuest()
    {
        try
        {
            _vm.Owner.Guest?.Invoke(new SoftwareGuest(_vm, this));
            if (!_isClosed) _exit = new GuestExit(GuestExitKind.Shutdown);
        }
        catch (GuestKilledException)
        {
            // The vCPU was closed or given up under the guest.
        }
    }

    /// <summary>Takes user space's answer to the exit that it has seen. A fault that it did not resolve ends the guest's access, not the guest.</summary>
    private SysResult? Complete(GuestExit exit)
    {
        switch (exit.Kind)
        {
            case GuestExitKind.Shutdown:
                return Report(exit, ExitReason.Shutdown);
            case GuestExitKind.Call:
                using (_vm.Kernel.Hub.Continue(ExitContext)) _vm.Kernel.Vendor.Exits.Complete(this, ref exit.Registers, ExitArea);
                break;
            case GuestExitKind.Mmio:
                exit.Mmio = MemoryMarshal.Read<KvmExitMmio>(ExitArea);
                break;
            case GuestExitKind.PrivateFault:
                exit.IsResolved = _vm.Mmu.HandlePrivateFault(exit.Gpa).IsOk;
                break;
            default:
                exit.IsResolved = _vm.Pages.IsSharedResolvable(exit.Gpa);
                break;
        }

        Enter(exit);
        return null;
    }

    /// <summary>Handles an exit in the kernel, or tells user space.</summary>
    /// <returns>Null where the guest runs on.</returns>
    private SysResult? Handle(GuestExit exit)
    {
        switch (exit.Kind)
        {
            case GuestExitKind.Shutdown:
                return Report(exit, ExitReason.Shutdown);
            case GuestExitKind.Mmio:
                Report(exit, ExitReason.Mmio);
                MemoryMarshal.Write(ExitArea, in exit.Mmio);
                return SysResult.Ok;
            case GuestExitKind.Call:
                Span<byte> area = stackalloc byte[ExitArea.Length];
                area.Clear();
                if (Encode(exit, area) is not { } reason)
                {
                    Enter(exit);
                    return null;
                }

                Report(exit, (ExitReason)reason);
                area.CopyTo(ExitArea);
                return SysResult.Ok;
            case GuestExitKind.PrivateFault when !exit.IsAcceptance && _vm.Mmu.IsDevicePage(exit.Gpa):
                // Only acceptance has a device's page mapped. To user space both faults look the same, so it isn't asked: the guest gets its exception.
                Enter(exit);
                return null;
            case GuestExitKind.PrivateFault:
                SysResult handled = _vm.Mmu.HandlePrivateFault(exit.Gpa);
                if (!handled.IsOk && handled.Errno != Errno.EFAULT)
                {
                    exit.IsReported = true;
                    return handled;
                }

                if (!handled.IsOk) return ReportFault(exit, MemoryFaultFlags.Private);
                exit.IsResolved = true;
                Enter(exit);
                return null;
            default:
                return ReportFault(exit, default);
        }
    }

    /// <summary>What KVM does for a guest's call belongs to the call.</summary>
    private uint? Encode(GuestExit exit, Span<byte> area)
    {
        using ContextScope place = _vm.Kernel.Hub.Continue(ExitContext);
        return _vm.Kernel.Vendor.Exits.Encode(this, ref exit.Registers, area);
    }

    private SysResult ReportFault(GuestExit exit, MemoryFaultFlags flags)
    {
        Report(exit, ExitReason.MemoryFault);
        ulong page = exit.Gpa / PhysicalMemory.PageSize * PhysicalMemory.PageSize;
        var fault = new KvmExitMemoryFault { Flags = flags, Gpa = page, Size = PhysicalMemory.PageSize };
        MemoryMarshal.Write(ExitArea, in fault);
        return Errno.EFAULT;
    }

    private SysResult Report(GuestExit exit, ExitReason reason)
    {
        exit.IsReported = true;
        RunRecord.ExitReason = reason;
        ExitArea.Clear();
        return SysResult.Ok;
    }

    private void Enter(GuestExit exit)
    {
        _exit = null;
        exit.IsDone = true;
    }
}
