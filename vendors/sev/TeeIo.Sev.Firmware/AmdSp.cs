using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Devices;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Firmware;

/// <summary>The reference model of AMD's secure processor with SEV-SNP and SEV-TIO, and of what the CPUs and the IOMMU do for it. It takes the host's commands at
/// <see cref="Commands"/>, the host's RMP instructions at <see cref="HostInstructions"/>, and those of each virtual CPU at what <see cref="CreateInstructions"/> makes.
/// What it enforces, and what of it is our choice, is told in vendors/sev/README.md.</summary>
public sealed class AmdSp : IConfidentialCpu
{
    private readonly ReverseMap _rmp;
    private readonly Asids _asids;
    private readonly SecureWalks _walks;
    private readonly CrossingHub? _hub;

    /// <summary>A secure processor on which SNP isn't initialised.</summary>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="port">The root port's IDE streams. The host opens and closes them; the firmware programs and blocks them.</param>
    /// <param name="requesters">Makes the firmware's end of an SPDM session with a physical function, named by segment and requester id.</param>
    /// <param name="tables">KVM's page tables, which the CPU walks and nobody trusts.</param>
    /// <param name="contexts">Which guest context page a VM has. A CPU knows it from the vCPU that it runs; VMRUN isn't part of the model, so that the platform tells.</param>
    /// <param name="seed">What its random numbers follow from.</param>
    /// <param name="hub">Who learns of the calls, or null.</param>
    /// <param name="options">What it looks like; null for the usual.</param>
    public AmdSp(
        PhysicalMemory memory,
        IRootPortStreams port,
        Func<uint, ISpdmRequester> requesters,
        INestedPageTables tables,
        Func<ConfidentialVm, ulong?> contexts,
        int seed,
        CrossingHub? hub = null,
        AmdSpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(port);
        ArgumentNullException.ThrowIfNull(requesters);
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(contexts);
        Options = options ?? new AmdSpOptions();
        _hub = hub;
        var random = new Random(seed);
        _rmp = new ReverseMap(memory, Options.MaxAsid);
        _asids = new Asids(memory, Options);
        var pages = new FirmwarePages(memory, _rmp, Options.CBit);
        var lists = new ScatterLists(memory, pages);
        var fences = new AsidFences();
        var guests = new GuestTable(pages, _rmp, _asids, random);
        var devices = new DeviceTable(Options, memory, pages, lists, _rmp, requesters, port, random);
        guests.HasDevices = guest => devices.BoundTo(guest).Any();
        guests.OnGone = guest => fences.Forget(guest.Asid);
        _walks = new SecureWalks(memory, _rmp, guests, devices, fences, tables, contexts);
        _rmp.OnTakenAway = _walks.OnTakenAway;
        var platform = new PlatformState(Options, pages, _rmp, guests, _asids, devices, fences);
        var tdis = new TdiTable(Options, devices, guests, fences, pages, lists, _rmp);
        var sessions = new DeviceSessions(Options, devices, tdis);
        var description = new TdiDescription(Options, devices, guests, fences, pages);
        var requests = new GuestRequests(guests, new GuestMessages(memory, pages), devices, pages, _rmp, memory, hub);
        var snp = new SnpCommands(platform, pages, _rmp, guests, new Launch(memory, pages, _rmp, guests), _asids, requests);
        var tio = new TioCommands(platform, devices, sessions, tdis, description, requests);
        Commands = new Mailbox(platform, snp, tio, hub);
        HostInstructions = new RmpDispatcher(new HostCpu(_rmp, pages.Physical), hub);
    }

    /// <summary>What the secure processor looks like.</summary>
    public AmdSpOptions Options { get; }

    /// <summary>The mailbox: commands of SNP and TIO, by their id.</summary>
    public CommandTransport Commands { get; }

    /// <summary>The host's RMP instructions: RMPUPDATE and PSMASH.</summary>
    public RegisterTransport<RmpRegisters> HostInstructions { get; }

    /// <summary>Pages that the firmware owns: assigned, ASID 0.</summary>
    public int OwnedPages => _rmp.OwnedPages;

    /// <summary>Whether a page of memory or MMIO is a guest's.</summary>
    /// <param name="hpa">Its address.</param>
    public bool IsGuestPage(ulong hpa) => _rmp[hpa].IsGuest;

    /// <summary>WBINVD on all CPUs: writes caches back, as the host must before SNP_DF_FLUSH.</summary>
    public void WriteBackCaches() => _asids.WriteBack();

    /// <inheritdoc/>
    public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return _walks.WalkPrivate(vm, gpa);
    }

    /// <inheritdoc/>
    public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite) => _walks.WalkTrustedDma(requesterId, address, isWrite);

    /// <inheritdoc/>
    public bool AcceptPage(IVirtualCpu vcpu, ulong gpa)
    {
        var guest = new RmpClient(Instructions(vcpu).Rmp, _hub);
        return guest.TryPvalidate(gpa & ~((ulong)PhysicalMemory.PageSize - 1), RmpPageSize.Size4k, validate: true, out _) == RmpResult.Success;
    }

    /// <inheritdoc/>
    public ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu) => Instructions(vcpu);

    private GuestCpu Instructions(IVirtualCpu vcpu)
    {
        ArgumentNullException.ThrowIfNull(vcpu);
        _walks.Know(vcpu.Vm);
        return new GuestCpu(vcpu, _walks, _rmp, _hub);
    }
}
