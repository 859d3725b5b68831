using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux.Next;
using TeeIo.Linux.Seed202505;
using TeeIo.Pci.Spdm;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Platform;
using TeeIo.Sev.Flow;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Host;
using TeeIo.Sev.Iommu;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Vmm;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;
using TeeIo.Vmm;

namespace TeeIo.Sev.Firmware;

/// <summary>AMD SEV-SNP with SEV-TIO on the software platform: the secure processor's reference model, initialised, and the drivers that call it.</summary>
public sealed class SevPlatform : IVendorPlatform
{
    private readonly Random _random;

    /// <summary>Puts SEV into <paramref name="machine"/>.</summary>
    /// <exception cref="InvalidOperationException">The firmware refused its initialisation.</exception>
    public SevPlatform(SoftwareMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var options = new AmdSpOptions();
        var vms = new SevVmTable();
        _random = new Random(machine.Options.Seed);
        ISpdmVerifier verifier = ModelAuthority.CreateVerifier(machine.Scheduler.Time);
        Firmware = new AmdSp(
            machine.Memory, machine.RootPort, _ => new SpdmRequester(verifier, _random), vms, vms.ContextOf, machine.Options.Seed, machine.Hub, options);
        var firmware = new SevFirmware(Firmware.Commands, Firmware.HostInstructions, machine.Pages, machine.Locks, machine.Hub, Firmware.WriteBackCaches);
        if (firmware.Start() is { IsOk: false } failure) throw new InvalidOperationException($"The secure processor's model refused its initialisation: {failure.Errno}.");
        var topology = new MachineTopology(machine);
        Invariants = [new ReturnedMmioInvariant(Firmware, machine, topology), .. SevTrace.Vendor.Invariants];
        var host = new SevHostTsm(firmware, topology, new MachineIdeStreams(machine.RootPort), vms);
        (HostTsm, HostEvidence, HostKeys) = (host, new SevHostEvidence(host), new SevHostKeys(host));
        var memory = new SevConfidentialMemory(firmware, vms, [.. Enumerable.Range(1, (int)options.MaxAsid).Select(a => (uint)a)]);
        Memory = memory;
        Exits = new SevExitEncoder(machine.Memory, vms, memory);
    }

    /// <summary>The secure processor's model.</summary>
    public AmdSp Firmware { get; }

    /// <inheritdoc/>
    public string Name => SevTrace.Vendor.Name;

    /// <inheritdoc/>
    public uint MachineType => SevTrace.Vendor.MachineType;

    /// <inheritdoc/>
    public uint GuestRequestType => (uint)SeedGuestRequestType.SevTio;

    /// <inheritdoc/>
    public uint Architecture => (uint)TvmArch.Sev;

    /// <inheritdoc/>
    public IHostEvidence? HostEvidence { get; }

    /// <inheritdoc/>
    public IHostKeys? HostKeys { get; }

    /// <inheritdoc/>
    public uint? RequestOperation(RequestKind kind) => kind switch
    {
        RequestKind.EnableDma => (uint)TsmReqOp.SevEnableDma,
        RequestKind.DisableDma => (uint)TsmReqOp.SevDisableDma,
        RequestKind.Info => (uint)TsmReqOp.SevInfo,
        _ => null,
    };

    /// <inheritdoc/>
    public IConfidentialCpu Cpu => Firmware;

    /// <inheritdoc/>
    public IExitEncoder Exits { get; }

    /// <inheritdoc/>
    public IHostTsm HostTsm { get; }

    /// <inheritdoc/>
    public IConfidentialMemory Memory { get; }

    /// <inheritdoc/>
    public ITrustedIommu Iommu { get; } = new SevTrustedIommu();

    /// <inheritdoc/>
    public IReadOnlyList<ITraceInvariant> Invariants { get; }

    /// <inheritdoc/>
    public FlowProfile? Flow(string profile) => SevTrace.Vendor.Flows.FirstOrDefault(f => f.Profile == profile);

    /// <inheritdoc/>
    public IGuestCallDecoder CreateDecoder(VmmContext context) => new SevGuestCallDecoder(context);

    /// <inheritdoc/>
    public IAcceptRequests CreateAcceptRequests(VmmContext context) => new SevAcceptRequests();

    /// <inheritdoc/>
    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => new SevGuestTsm(machine, _random, hub);
}
