using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel;

/// <content>How a process, its VM or one of its vCPUs ends before its time.</content>
public sealed partial class SoftwareProcess
{
    private int _calls;

    /// <summary>Whether it was killed.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>Its threads: what runs on them ends by <see cref="TaskKilledException"/> once the process is killed.</summary>
    public IActorScheduler Threads { get; }

    /// <summary>Kills the process: KVM_RUN is interrupted, its threads end at their next step, and when none of them is in the kernel any more its mappings go and its files are closed.
    /// Called in a task that isn't one of its own. A second kill does nothing.</summary>
    /// <param name="order">The order in which the descriptors are closed; ascending where it is null.</param>
    /// <remarks>Source: Linux kernel/exit.c, do_exit: exit_mm comes before exit_files.</remarks>
    public void Kill(Func<IReadOnlyList<Fd>, IEnumerable<Fd>>? order = null)
    {
        if (IsKilled) return;
        IsKilled = true;
        Kernel.Scheduler.WaitUntil(() => _calls == 0, $"{Name}'s calls to end");
        foreach (ProcessMemory memory in _mappings.ToArray()) memory.Dispose();
        IReadOnlyList<Fd> files = OpenFiles;
        foreach (Fd fd in order?.Invoke(files) ?? files) Close(fd.Value);
    }

    /// <summary>KVM finds its VM broken: every call on it and its vCPUs is EIO from now on, as <c>kvm_vm_dead</c> has it in Linux, and no guest runs on.</summary>
    /// <returns>False where it has no VM.</returns>
    public bool KillVm()
    {
        bool isFound = false;
        foreach (KvmVmFile file in _files.Values.OfType<KvmVmFile>())
        {
            file.Vm.IsDead = true;
            isFound = true;
        }

        return isFound;
    }

    /// <summary>The same for one vCPU: KVM_RUN of it is EIO from now on, and its guest doesn't run on.</summary>
    /// <param name="index">Number of the vCPU.</param>
    /// <returns>False where it has no such vCPU.</returns>
    public bool KillVcpu(int index)
    {
        bool isFound = false;
        foreach (KvmVcpuFile file in _files.Values.OfType<KvmVcpuFile>().Where(f => f.Cpu.Index == index))
        {
            file.Cpu.IsDead = true;
            isFound = true;
        }

        return isFound;
    }

    internal void ThrowIfKilled()
    {
        if (IsKilled) throw new TaskKilledException($"{Name} was killed.");
    }

    /// <summary>A thread enters the kernel; it must leave it again (<see cref="LeaveKernel"/>).</summary>
    private void EnterKernel()
    {
        ThrowIfKilled();
        _calls++;
    }

    private void LeaveKernel() => _calls--;

    private SysResult Close(int number)
    {
        if (!_files.Remove(number, out KernelFile? file)) return Errno.EBADF;
        file.Put();
        return SysResult.Ok;
    }
}
