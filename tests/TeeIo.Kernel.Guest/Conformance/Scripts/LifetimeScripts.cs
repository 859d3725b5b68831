using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>Things closed in every order, and calls on what is gone.</summary>
internal static class LifetimeScripts
{
    private const ulong At = 1 << 24;
    private static readonly string[] s_what = ["iommufd", "device", "VM", "VFIO device", "dma-buf"];

    /// <summary>Of an iommufd, a device, a VM, the VM's VFIO device and a dma-buf: each is closed at each place, the others in order.</summary>
    public static IReadOnlyList<Script> All { get; } =
    [
        .. Orders().DistinctBy(order => string.Concat(order)).Select(order => new Script($"closing: {string.Join(", ", order.Select(i => s_what[i]))}", s => CloseAll(s, order))),
        new("closing: an iommufd that a device keeps", KeptByDevice),
        new("closing: calls on closed descriptors", Closed),
    ];

    private static IEnumerable<int[]> Orders()
    {
        int[] straight = [0, 1, 2, 3, 4];
        for (int moved = 0; moved < straight.Length; moved++)
        {
            List<int> others = [.. straight.Where(i => i != moved)];
            yield return [moved, .. others];
            others.Reverse();
            yield return [moved, .. others];
            yield return [.. others, moved];
        }
    }

    private static void CloseAll(Session s, int[] order)
    {
        IommufdClient iommu = s.Iommufd();
        KvmClient kvm = s.Kvm();
        kvm.TryCreateVm(VmType.DefaultVm, out Fd vm);
        s.Keep(vm);
        s.Vm(vm).TryCreateDevice(KvmDeviceType.Vfio, out Fd group, CreateDeviceFlags.None);
        s.Keep(group);
        VfioDeviceClient device = s.Device();
        s.VmDevice(group).TryVfioFileAdd(device.Fd);
        device.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out _, []);
        iommu.TryIoasAlloc(out IoasId ioas);
        VfioScripts.Attach(device, ioas);
        Fd buffer = DmaBufScripts.Export(s, device, 0, Session.Page);
        DmaBufScripts.MapFile(iommu, ioas, buffer, 0, Session.Page, At);
        Fd[] files = [iommu.Fd, device.Fd, vm, group, buffer];
        foreach (int which in order)
        {
            s.Close(files[which]);
            iommu.TryIoasAlloc(out _);
            device.TryGetIrqInfo(out _, 0, out _);
            s.Vm(vm).TryCreateDevice(KvmDeviceType.Vfio, out _, CreateDeviceFlags.Test);
            s.VmDevice(group).TryVfioFileAdd(device.Fd);
        }

        VfioDeviceClient again = s.Device();
        again.TryBindIommufd(VfioBindFlags.None, s.Iommufd().Fd, out _, []);
    }

    private static void KeptByDevice(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        iommu.TryIoasAlloc(out IoasId ioas);
        s.Close(iommu.Fd);
        VfioScripts.Attach(device, ioas);
        iommu.TryIoasAlloc(out _);
        s.Close(device.Fd);
    }

    private static void Closed(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        s.Close(iommu.Fd);
        iommu.TryIoasAlloc(out _);
        s.Close(iommu.Fd);
        s.Read(iommu.Fd, 0, 4);
        s.Map(iommu.Fd, 0, Session.Page);
        s.Open("/dev/vfio/devices/vfio99");
        s.Open("/dev/none");
    }
}
