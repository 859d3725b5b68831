using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.ArmV5;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Next;
using TeeIo.Linux.Seed202505;
using TeeIo.Platform.Kernel.Iommufd;
using TeeIo.Platform.Kernel.Vfio;
using TeeIo.Vmm;

namespace TeeIo.Platform.Kernel;

/// <summary>A kernel profile: how far it goes in the upstream calls, what it adds to them, and how a VMM uses it. Chosen by name, never found out by probing: requests of one size mean
/// different things in different profiles.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LastIommufdCall">The last of IOMMUFD's upstream calls that it has; the numbers behind it are its own.</param>
/// <param name="Uapi">Makes the VMM's side for one iommufd.</param>
internal sealed record KernelProfile(string Name, uint LastIommufdCall, Func<SoftwareMachine, IoctlTransport, Fd, ITrustedDeviceUapi> Uapi)
{
    // A kernel has them all; who names one has chosen it.
#pragma warning disable TEEIO_SEED_2025_05, TEEIO_ARM_V5, TEEIO_NEXT
    /// <summary>All of them.</summary>
    public static IReadOnlyList<KernelProfile> All { get; } =
    [
        new(Seed202505Profile.Name, Last(IommufdCalls.VeventqAlloc), (machine, transport, iommufd) => new SeedUapi(transport, iommufd, machine.Vendor.GuestRequestType, machine.Hub))
        {
            MoreIommufdCalls = context => new SeedIommufdServer(context),
            MoreVfioCalls = file => new SeedVfioServer(file),
        },
        new(ArmV5Profile.Name, Last(IommufdCalls.HwQueueAlloc), (machine, transport, iommufd) => new ArmV5Uapi(transport, iommufd, machine.Hub))
        {
            MoreIommufdCalls = context => new ArmV5IommufdServer(context),
        },
        new(
            NextProfile.Name,
            Last(IommufdCalls.IoasNoiommuGetPa),
            (machine, transport, iommufd) => new NextUapi(transport, iommufd, machine.Vendor.Architecture, machine.Vendor.RequestOperation, machine.Tsm, machine.Hub))
        {
            MoreIommufdCalls = context => new NextIommufdServer(context),
        },
        new("linux-7.3", Last(IommufdCalls.IoasNoiommuGetPa), (_, _, _) => new Linux73Uapi()),
    ];
#pragma warning restore TEEIO_SEED_2025_05, TEEIO_ARM_V5, TEEIO_NEXT

    /// <summary>Makes what IOMMUFD's files serve besides, or null.</summary>
    public Func<IommufdContext, IProfileCalls>? MoreIommufdCalls { get; init; }

    /// <summary>Makes what VFIO's device files serve besides, or null.</summary>
    public Func<VfioFile, IProfileCalls>? MoreVfioCalls { get; init; }

    /// <summary>Whether it binds devices to VMs: then it also has vIOMMUs of the trusted kind, and memslots that show a dma-buf.</summary>
    public bool CanBind => MoreIommufdCalls is not null;

    /// <summary>The profile called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static KernelProfile Find(string name) => All.FirstOrDefault(p => p.Name == name)
        ?? throw new ArgumentException($"There is no kernel profile '{name}'; known: {string.Join(", ", All.Select(p => p.Name))}.", nameof(name));

    private static uint Last(CallInfo call) => (uint)call.Number!.Value;
}
