using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Vmm;

/// <summary>Runs one vCPU: enters the guest, handles why it left, enters again.</summary>
internal sealed class VcpuLoop : IDisposable
{
    private readonly VirtualMachineMonitor _vmm;
    private readonly Fd _fd;
    private readonly UserMemory _run;
    private readonly ConfigWindow _config;
    private readonly MemoryFaultHandler _faults;

    public VcpuLoop(VirtualMachineMonitor vmm, int index, Fd fd, ulong runSize)
    {
        _vmm = vmm;
        Index = index;
        _fd = fd;
        _run = vmm.Transport.Map(fd, 0, runSize, out Errno error)
            ?? throw new VmmException($"The run structure of {vmm.Options.Name}/vcpu{index} can't be mapped: {error}.");
        _config = new ConfigWindow(vmm);
        _faults = new MemoryFaultHandler(vmm);
    }

    public int Index { get; }

    /// <summary>How the loop ended: Ok for a guest that shut down.</summary>
    public SysResult Result { get; private set; }

    public void Run()
    {
        using ContextScope about = _vmm.Hub.About(_vmm.Options.Name);
        var vcpu = new KvmVcpuClient(_vmm.Transport, _fd, _vmm.Hub);
        Span<byte> bytes = stackalloc byte[KvmRun.ByteSize];
        while (true)
        {
            SysResult result = vcpu.TryRun();
            if (result.Errno == Errno.EINTR) continue;
            _run.Read(0, bytes);
            ref KvmRun run = ref MemoryMarshal.AsRef<KvmRun>(bytes);
            bool isFault = result.Errno == Errno.EFAULT && run.ExitReason == ExitReason.MemoryFault;
            if (!result.IsOk && !isFault)
            {
                Result = result;
                return;
            }

            if (run.ExitReason == ExitReason.Shutdown) return;
            using ContextScope place = _vmm.Hub.Continue(_vmm.Transport.ExitContext(_fd));
            if (!Handle(ref run))
            {
                Result = Errno.EOPNOTSUPP;
                return;
            }

            // KVM_RUN that fails says nothing here: what was handled mustn't be found again.
            run.ExitReason = ExitReason.Unknown;
            _run.Write(0, bytes);
        }
    }

    /// <summary>Gives its run structure back, which keeps the vCPU and its VM alive beyond their descriptors.</summary>
    public void Unmap() => _run.Dispose();

    public void Dispose()
    {
        Unmap();
        _vmm.Transport.Close(_fd);
    }

    private bool Handle(ref KvmRun run)
    {
        Span<byte> exit = run.Exit;
        return run.ExitReason switch
        {
            ExitReason.Mmio => _config.Handle(exit),
            ExitReason.MemoryFault => _faults.Handle(exit),
            ExitReason.Hypercall when _faults.HandleHypercall(exit) => true,
            _ => _vmm.Decoder.HandleExit(_vmm.Identity, (uint)run.ExitReason, exit, _vmm.Services).Value == 1,
        };
    }
}
