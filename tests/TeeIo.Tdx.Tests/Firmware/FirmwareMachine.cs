using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>The module's model with the platform's memory, root port and device, and the host's way to call it. Whatever a call
/// returns, its spec lists (<see cref="ListedStatuses"/>).</summary>
internal abstract class FirmwareMachine : IDisposable
{
    protected const ulong PageSize = PhysicalMemory.PageSize;
    private const ulong MmioBase = 0x8000_0000;
    private const int MemoryPages = 512;
    private readonly int _free;

    protected FirmwareMachine(TdxModuleOptions options)
    {
        Memory = new PhysicalMemory(MemoryPages, seed: 1);
        _free = Memory.FreePages;
        var iommu = new Platform.Hardware.Iommu(Memory);
        Port = new RootPort(2);
        Device = new TeeDevice(new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 2, MmioBase), Memory, iommu, Port, CrossingHub.Silent, seed: 1);
        foreach (PciFunctionModel function in Device.Functions)
            function.WriteConfig((int)ConfigRegister.Command, sizeof(ushort), (uint)(ConfigCommand.Memory | ConfigCommand.Master));
        var random = new Random(1);
        Module = new TdxModule(Memory, Port, _ => new SpdmRequester(ModelAuthority.CreateVerifier(TimeProvider.System), random), RootOf, seed: 1, hub: null, options);
        iommu.Trust(Module);
        var seamcalls = new ListedStatuses(Module.Seamcalls);
        Host = new SeamcallClient(seamcalls);
        Model = new SeamcallModelClient(seamcalls);
    }

    public PhysicalMemory Memory { get; }

    public RootPort Port { get; }

    public TeeDevice Device { get; }

    public TdxModule Module { get; }

    public SeamcallClient Host { get; }

    public SeamcallModelClient Model { get; }

    public HostFunctionId Pf => IdOf(0);

    public HostFunctionId Vf => IdOf(1);

    public HostFunctionId OtherVf => IdOf(2);

    /// <summary>Pages that are in use, whoever has them.</summary>
    public int PagesInUse => _free - Memory.FreePages;

    public static TdxStatus StatusOf(ulong word) => (TdxStatus)(word & TdxStatusConstants.StatusMask);

    /// <summary>A list of one page.</summary>
    public static ulong Single(ulong page) => RegisterBoundary.Pack(new HpaArrayT { Page = page / PageSize, LastEntry = 0 });

    /// <summary>A list of several pages, which lies in <paramref name="root"/>.</summary>
    public ulong Several(ulong root, params ReadOnlySpan<ulong> pages)
    {
        WriteWords(root, pages);
        return RegisterBoundary.Pack(new HpaArrayT { Page = root / PageSize, LastEntry = (ulong)(pages.Length - 1) });
    }

    public ulong Page() => Memory.AllocatePage();

    public ulong[] Pages(int count) => [.. Enumerable.Range(0, count).Select(_ => Page())];

    public void WriteWords(ulong page, ReadOnlySpan<ulong> words)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, words[i]);
            Memory.Write(page + ((ulong)i * sizeof(ulong)), bytes, KeyId.Shared);
        }
    }

    public void Dispose()
    {
        Device.Dispose();
        Memory.Dispose();
    }

    /// <summary>Which TD a VM is.</summary>
    protected abstract TdrId? RootOf(ConfidentialVm vm);

    private HostFunctionId IdOf(int function) => new(Device.Functions[function].Address.RequesterId);
}
