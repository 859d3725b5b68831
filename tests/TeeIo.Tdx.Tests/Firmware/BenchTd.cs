using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>A TD with one vCPU and one page of memory.</summary>
internal sealed class BenchTd
{
    private readonly ModuleBench _bench;
    private ulong _memory;

    public BenchTd(ModuleBench bench, string name)
    {
        _bench = bench;
        Cpu = new TestCpu(name);
        Guest = new TdcallClient(new ListedStatuses(bench.Module.CreateInstructions(Cpu)));
    }

    public TestCpu Cpu { get; }

    public TdcallClient Guest { get; }

    /// <summary>Its root; 0 while there is none.</summary>
    public TdrId Tdr { get; private set; }

    public TdvprId Vcpu { get; private set; }

    public void Make(ushort key)
    {
        ulong root = _bench.Page();
        _bench.Must(() => _bench.Host.TryMngCreate(root, key));
        Tdr = new TdrId(root);
        _bench.Must(() => _bench.Host.TryMngKeyConfig(Tdr));
        ulong parameters = _bench.Page();
        byte[] bytes = new byte[TdParams.TdParams.ByteSize];
        new TdParams.TdParams { MaxVcpus = 1, ConfigFlags = TdConfigFlags.TdxConnect }.Write(bytes);
        _bench.Memory.Write(parameters, bytes, KeyId.Shared);
        _bench.Must(() => _bench.Host.TryMngInit(Tdr, parameters, out _));
        _bench.Memory.FreePage(parameters);
        ulong vcpu = _bench.Page();
        _bench.Must(() => _bench.Host.TryVpCreate(vcpu, Tdr));
        Vcpu = new TdvprId(vcpu);
        _bench.Must(() => _bench.Host.TryVpInit(Vcpu, 0, 0));
        _bench.Must(() => _bench.Host.TryMrFinalize(Tdr));
        _memory = _bench.Page();
        _bench.Must(() => _bench.Host.TryMemPageAug(0, ModuleBench.BufferGpa / SeamcallConstants.PageSize, Tdr, _memory, out _, out _, out _));
        _bench.Must(() => Guest.TryMemPageAccept(PageLevel.Size4k, ModuleBench.BufferGpa / SeamcallConstants.PageSize));
    }

    public void Destroy()
    {
        _bench.Must(() => _bench.Host.TryVpFlush(Vcpu));
        _bench.Must(() => _bench.Host.TryMngVpflushdone(Tdr));
        Assert.Equal(TdxStatus.InterruptedResumable, FirmwareMachine.StatusOf(_bench.Host.TryPhymemCacheWb(0)));
        _bench.Must(() => _bench.Host.TryPhymemCacheWb(1));
        _bench.Must(() => _bench.Host.TryMngKeyFreeid(Tdr));

        // The root goes last.
        foreach (ulong page in new[] { _memory, Vcpu.Value, Tdr.Value })
        {
            _bench.Must(() => _bench.Host.TryPhymemPageReclaim(page, out _, out _, out _));
            _bench.Return(page);
        }

        Tdr = default;
    }

    /// <summary>Reads its page as its own CPU does.</summary>
    public byte[] ReadBuffer(int length)
    {
        byte[] bytes = new byte[length];
        PageWalk walk = _bench.Module.WalkPrivate(Cpu.Vm, ModuleBench.BufferGpa, isWrite: false);
        _bench.Memory.Read(walk.HostAddress, bytes, walk.Key);
        return bytes;
    }
}
