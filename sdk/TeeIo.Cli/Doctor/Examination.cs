using System.Globalization;
using System.Runtime.Versioning;
using TeeIo.Boundaries;
using TeeIo.Cli.Rig;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Cli.Doctor;

/// <summary>Looks at a Linux machine for what trusted device assignment needs: it reads files and asks KVM, and changes nothing.</summary>
/// <param name="linux">Reaches its devices.</param>
/// <param name="root">Where its file system begins; another folder than / only in tests.</param>
[SupportedOSPlatform("linux")]
internal sealed class Examination(IoctlTransport linux, string root)
{
    // The release that has all calls of abi-spec/linux that are upstream, and the one that brought IOMMUFD.
    private static readonly Version s_known = new(7, 3);
    private static readonly Version s_first = new(6, 2);

    /// <summary>Everything that was found, in the order of the flow.</summary>
    /// <param name="vendors">The signs of each vendor, by its name.</param>
    public IReadOnlyList<Finding> Run(IEnumerable<(string Name, IReadOnlyList<HostSign> Signs)> vendors) =>
    [
        Kernel(), Iommu(), IommuDevice(), .. Vfio(), LockedMemory(), .. Kvm(), .. Tsm(), .. vendors.SelectMany(v => v.Signs.Select(s => Sign(v.Name, s))), Rig(),
    ];

    private Finding Kernel()
    {
        string release = Read("proc/sys/kernel/osrelease") ?? "unknown";
        string[] numbers = release.Split('.', '-', '+');
        if (numbers.Length < 2 || !Version.TryParse($"{numbers[0]}.{numbers[1]}", out Version? version)) return new("kernel", FindingState.Missing, $"Linux {release}", "its release can't be read from /proc/sys/kernel/osrelease");
        if (version < s_first) return new("kernel", FindingState.Missing, $"Linux {release}", $"IOMMUFD came with {s_first}; the bindings are checked with {s_known}");
        return version < s_known
            ? new("kernel", FindingState.Ok, $"Linux {release}", $"the bindings are those of {s_known}: calls that this release lacks answer ENOTTY (teeio-abi explain CALL says since when each is there)")
            : new("kernel", FindingState.Ok, $"Linux {release}");
    }

    private Finding Iommu()
    {
        string[] found = Names("sys/class/iommu");
        return found.Length > 0
            ? new("IOMMU", FindingState.Ok, string.Join(", ", found))
            : new("IOMMU", FindingState.Missing, "none", "switch it on in the firmware's setup (VT-d, AMD-Vi, SMMU) and on the kernel's command line (intel_iommu=on, amd_iommu=on)");
    }

    private Finding IommuDevice() => Device("IOMMUFD", "/dev/iommu", "needs a kernel with CONFIG_IOMMUFD (modprobe iommufd)");

    private IEnumerable<Finding> Vfio()
    {
        if (!Directory.Exists(At("sys/class/vfio-dev")))
        {
            yield return new("VFIO", FindingState.Missing, "no device files", "needs a kernel with CONFIG_VFIO_DEVICE_CDEV and CONFIG_VFIO_PCI (modprobe vfio-pci)");
            yield break;
        }

        string[] devices = Names("sys/class/vfio-dev");
        if (devices.Length == 0)
        {
            yield return new("VFIO", FindingState.Missing, "no device is given to vfio-pci", "give it one: echo vfio-pci >/sys/bus/pci/devices/ADDRESS/driver_override, echo ADDRESS >…/driver/unbind if a driver has it, echo ADDRESS >/sys/bus/pci/drivers_probe");
        }

        foreach (string device in devices)
        {
            string path = $"/dev/vfio/devices/{device}";
            Finding opened = Device("VFIO", path, "its driver is gone");
            yield return opened.State == FindingState.Ok ? opened with { Text = $"{path} is {Pci(device)}" } : opened;
        }
    }

    private Finding LockedMemory()
    {
        string? line = Read("proc/self/limits")?.Split('\n').FirstOrDefault(l => l.StartsWith("Max locked memory", StringComparison.Ordinal));
        string limit = line?["Max locked memory".Length..].Trim().Split(' ')[0] ?? "unknown";
        const string remedy = "all memory that a device can reach is locked: raise it (ulimit -l, LimitMEMLOCK= of a service), unless you are root";
        return limit == "unlimited" || Environment.IsPrivilegedProcess ? new("locked memory", FindingState.Ok, limit) : new("locked memory", FindingState.Ok, $"{limit} bytes", remedy);
    }

    private IEnumerable<Finding> Kvm()
    {
        Finding device = Device("KVM", "/dev/kvm", "switch virtualisation on in the firmware's setup, or nested virtualisation in the host of this machine; modprobe kvm_intel or kvm_amd");
        if (device.State != FindingState.Ok)
        {
            yield return device;
            yield break;
        }

        Fd fd = new((int)linux.Open("/dev/kvm").Value);
        KvmClient kvm = new(linux, fd);
        long types = kvm.TryCheckExtension(KvmCapability.VmTypes).Value;
        bool hasGuestMemfd = kvm.TryCheckExtension(KvmCapability.GuestMemfd).Value > 0;
        linux.Close(fd);
        string[] named = [.. Enumerable.Range(0, 64).Where(n => (types >> n & 1) != 0).Select(n => VmTypeNames.Values.Format((ulong)n))];
        yield return new("KVM", FindingState.Ok, $"/dev/kvm; kinds of VM: {(named.Length == 0 ? "the plain one" : string.Join(", ", named))}");
        yield return hasGuestMemfd
            ? new("private memory", FindingState.Ok, "KVM has guest_memfd")
            : new("private memory", FindingState.Absent, "KVM has no guest_memfd", "needs Linux 6.8 or later with CONFIG_KVM_SW_PROTECTED_VM or a confidential VM's support");
    }

    private IEnumerable<Finding> Tsm()
    {
        if (!Directory.Exists(At("sys/class/tsm")))
        {
            yield return new("TSM", FindingState.Absent, "no TSM core", "needs a kernel with CONFIG_PCI_TSM (7.3 has it)");
            yield break;
        }

        string[] found = Names("sys/class/tsm");
        yield return found.Length > 0
            ? new("TSM", FindingState.Ok, string.Join(", ", found))
            : new("TSM", FindingState.Absent, "the TSM core is there, and no TSM", "a TSM driver registers one where the platform's firmware has TEE-I/O; until then devices are assigned without trust");
        string[] functions = [.. Names("sys/bus/pci/devices").Where(d => File.Exists(At($"sys/bus/pci/devices/{d}/tsm/connect")))];
        yield return functions.Length > 0
            ? new("TDISP devices", FindingState.Ok, string.Join(", ", functions))
            : new("TDISP devices", FindingState.Absent, "none", "a device shows tsm/connect in sysfs if it has IDE or says TEE in its device capabilities, and a TSM is there");
    }

    private Finding Sign(string vendor, HostSign sign)
    {
        bool isThere = sign.Content is { } content ? Read(sign.Path[1..])?.Trim() == content : File.Exists(At(sign.Path[1..]));
        return isThere ? new(vendor, FindingState.Ok, sign.Meaning) : new(vendor, FindingState.Absent, $"{sign.Path}{(sign.Content is null ? " isn't there" : $" isn't {sign.Content}")}", sign.Remedy);
    }

    private static Finding Rig()
    {
        try
        {
            return new("rig", FindingState.Ok, $"'teeio vm' boots {KernelImage.Find()}");
        }
        catch (RigException e)
        {
            return new("rig", FindingState.Absent, "no virtual machine with a real kernel", e.Message);
        }
    }

    /// <summary>A device file that must be there and open.</summary>
    private Finding Device(string part, string path, string remedy)
    {
        if (!File.Exists(At(path[1..]))) return new(part, FindingState.Missing, $"{path} isn't there", remedy);
        SysResult opened = linux.Open(path);
        if (!opened.IsOk)
        {
            return new(part, FindingState.Missing, $"{path} can't be opened: {opened.Errno}", opened.Errno == Errno.EACCES ? $"run as root, or give your user the file (a udev rule, or chown): see ls -l {path}" : "another program may have it: see fuser");
        }

        linux.Close(new Fd((int)opened.Value));
        return new(part, FindingState.Ok, path);
    }

    /// <summary>The PCI function of a VFIO device, with its ids.</summary>
    private string Pci(string device)
    {
        string link = At($"sys/class/vfio-dev/{device}/device");
        string address = Path.GetFileName(Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link);
        return string.Create(CultureInfo.InvariantCulture, $"{address} ({Read($"sys/bus/pci/devices/{address}/vendor")?.Trim()}:{Read($"sys/bus/pci/devices/{address}/device")?.Trim()})");
    }

    private string At(string path) => Path.Combine(root, path);

    private string? Read(string path)
    {
        try
        {
            return File.ReadAllText(At(path)).TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string[] Names(string folder) =>
        Directory.Exists(At(folder)) ? [.. Directory.EnumerateFileSystemEntries(At(folder)).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal)] : [];
}
