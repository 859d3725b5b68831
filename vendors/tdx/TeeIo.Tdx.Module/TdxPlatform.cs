using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux.Next;
using TeeIo.Pci.Spdm;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Flow;
using TeeIo.Tdx.Guest;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Iommu;
using TeeIo.Tdx.Kvm;
using TeeIo.Tdx.Module.Platform;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Vmm;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;
using TeeIo.Vmm;

namespace TeeIo.Tdx.Module;

/// <summary>Intel TDX with TDX Connect on the software platform: the module's reference model, configured and with its IOMMU set up, and the drivers that call it.</summary>
public sealed class TdxPlatform : IVendorPlatform
{
    private const int VcpusPerVm = 2;

    /// <summary>Puts TDX into <paramref name="machine"/>.</summary>
    /// <exception cref="InvalidOperationException">The module refused its configuration.</exception>
    public TdxPlatform(SoftwareMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var options = new TdxModuleOptions();
        var vms = new TdxVmTable();
        var random = new Random(machine.Options.Seed);
        ISpdmVerifier verifier = ModelAuthority.CreateVerifier(machine.Scheduler.Time);
        Module = new TdxModule(
            machine.Memory, machine.RootPort, _ => new SpdmRequester(verifier, random), vms.RootOf, machine.Options.Seed, machine.Hub, options);
        var seam = new TdxSeam(Module.Seamcalls, machine.Pages, machine.Locks, machine.Hub);
        var iommu = new TdxTrustedIommu(seam, vms);
        Boot(iommu, options, machine.Hub);
        Iommu = iommu;
        var host = new TdxHostTsm(seam, new MachineTopology(machine), vms, iommu);
        HostTsm = host;
        HostEvidence = new TdxHostEvidence(host);
        HostKeys = new TdxHostKeys(host, seam);
        Memory = new TdxConfidentialMemory(seam, vms, iommu, [.. Enumerable.Range(1, OwnKey(options) - 1).Select(k => (ushort)k)], VcpusPerVm);
        Exits = new TdxExitEncoder(Module.SharedBit);
    }

    /// <summary>The module's model.</summary>
    public TdxModule Module { get; }

    /// <inheritdoc/>
    public string Name => TdxTrace.Vendor.Name;

    /// <inheritdoc/>
    public uint MachineType => TdxTrace.Vendor.MachineType;

    /// <inheritdoc/>
    public uint Architecture => (uint)TvmArch.Tdx;

    /// <inheritdoc/>
    public IHostEvidence? HostEvidence { get; }

    /// <inheritdoc/>
    public IHostKeys? HostKeys { get; }

    /// <inheritdoc/>
    public IConfidentialCpu Cpu => Module;

    /// <inheritdoc/>
    public IExitEncoder Exits { get; }

    /// <inheritdoc/>
    public IHostTsm HostTsm { get; }

    /// <inheritdoc/>
    public IConfidentialMemory Memory { get; }

    /// <inheritdoc/>
    public ITrustedIommu Iommu { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ITraceInvariant> Invariants => TdxTrace.Vendor.Invariants;

    /// <inheritdoc/>
    public FlowProfile? Flow(string profile) => TdxTrace.Vendor.Flows.FirstOrDefault(f => f.Profile == profile);

    /// <inheritdoc/>
    public IGuestCallDecoder CreateDecoder(VmmContext context) => new TdxGuestCallDecoder(context);

    /// <inheritdoc/>
    public IAcceptRequests CreateAcceptRequests(VmmContext context) => new TdxAcceptRequests();

    /// <inheritdoc/>
    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => new TdxGuestTsm(machine, hub);

    /// <summary>The last key is the module's own; the others are for TDs.</summary>
    private static ushort OwnKey(TdxModuleOptions options) => (ushort)(options.KeyCount - 1);

    private void Boot(TdxTrustedIommu iommu, TdxModuleOptions options, CrossingHub hub)
    {
        ulong status = new SeamcallClient(Module.Seamcalls, hub).TrySysConfig(0, 0, OwnKey(options), TdxFeatures0.Tdxconnect, 0);
        if (status != 0) throw new InvalidOperationException($"The TDX module's model refused its configuration with status 0x{status:x}.");
        foreach (ulong registers in options.IommuBases)
        {
            if (iommu.Start(registers) is { IsOk: false } failure)
                throw new InvalidOperationException($"The TDX module's model refused to set up the IOMMU at 0x{registers:x}: {failure.Errno}.");
        }
    }
}
