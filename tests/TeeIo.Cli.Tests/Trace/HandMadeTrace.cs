using System.Buffers.Binary;
using System.Globalization;
using TeeIo.Flow;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;

namespace TeeIo.Cli.Tests.Trace;

/// <summary>Lines as ftrace prints them, step by step.</summary>
internal sealed class HandMadeTrace
{
    /// <summary>The steps of a VMM on Linux 7.3 in their order.</summary>
    public const string InOrder = "connect vm add bind slot ioas map hwpt attach run";

    private const string VfioFile = "0xffff888003a42000";
    private readonly List<string> _lines =
    [
        "# teeio: kernel 7.3.4, x86_64",
        .. new[] { "iommufd", "vfio", "kvm", "kvm_vm", "kvm_vcpu", "kvm_device", "tsm_connect" }.Select(p => $"# teeio: probed teeio_{p} (f)"),
        "# teeio: not probed teeio_seamcall: this kernel has no function __seamcall (no TDX host)",
        "# tracer: nop",
    ];

    private int _time;

    /// <summary>The steps in the order that is given.</summary>
    public static string Of(string steps)
    {
        var trace = new HandMadeTrace();
        foreach (string step in steps.Split(' ', StringSplitOptions.RemoveEmptyEntries)) trace.Add(step);
        return string.Join('\n', trace._lines) + "\n";
    }

    private void Add(string step)
    {
        switch (step)
        {
            case "connect":
                Line("tsm_connect: (connect_store+0x0/0x100) device=\"0000:01:00.0\"");
                Line("tsm_connect_ret: (dev_attr_store+0x1/0x2 <- connect_store) ret=5 written=1");
                break;
            case "vm":
                Ioctl("kvm", KvmCalls.CreateVm, [], 7);
                break;
            case "tdx-vm":
                Ioctl("kvm", KvmCalls.CreateVm, [], 7, argument: 5);
                break;
            case "snp-command":
                Line("sev: (__sev_do_cmd_locked+0x0/0x9) cmd=0xd0 w0=0x8 w1=0x1000");
                Line("sev_ret: (sev_do_cmd+0x1/0x9 <- __sev_do_cmd_locked) ret=0 error=0");
                break;
            case "add":
                Ioctl("kvm_device", KvmCalls.VfioFileAdd, [0, 1, 1, 0, 0x1000, 0], 0);
                break;
            case "bind":
                Ioctl("vfio", VfioCalls.BindIommufd, [16, 0, 5, 1], 0, "device_bind: (iommufd_device_bind+0x0/0x100) device=\"0000:01:00.1\" context=0xffff888001");
                break;
            case "slot":
                Ioctl("kvm_vm", KvmCalls.SetUserMemoryRegion2, [1, 0, 0xc000_0000, 0, 0x8000, 0, 0x7f00, 0], 0);
                break;
            case "ioas":
                Ioctl("iommufd", IommufdCalls.IoasAlloc, [12, 0, 2], 0);
                break;
            case "map":
                Ioctl("iommufd", IommufdCalls.IoasMap, [40, 7, 2, 0, 0x7f00, 0, 0x10_0000, 0, 0, 0], 0);
                break;
            case "hwpt":
                Ioctl("iommufd", IommufdCalls.HwptAlloc, [48, 0, 1, 2, 3], 0);
                break;
            case "attach":
                Ioctl("vfio", VfioCalls.AttachIommufdPt, [12, 0, 3], 0);
                break;
            case "run":
                Ioctl("kvm_vcpu", KvmCalls.Run, [], -4);
                break;
            case "core-bind":
                Line("tsm_bind: (pci_tsm_bind+0x0/0x9) dev=0xff11 device=\"0000:01:00.1\" vm=0xff12 tdi_id=0x18");
                Line("tsm_bind_ret: (f+0x1/0x9 <- pci_tsm_bind) ret=0");
                break;
            case "reset":
                Ioctl("vfio", VfioCalls.Reset, [], 0);
                break;
            case "tsm-bind":
                Ioctl("vfio", Seed202505Calls.TsmBind, [12, 0, 5], 0);
                break;
            default:
                throw new ArgumentException($"There is no step '{step}'.", nameof(step));
        }
    }

    private void Ioctl(string probe, CallInfo call, uint[] record, long outcome, string? within = null, uint argument = 0)
    {
        byte[] bytes = new byte[48];
        for (int i = 0; i < record.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), record[i]);
        string words = string.Concat(Enumerable.Range(0, 6).Select(i => $" w{i}=0x{BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong))):x}"));
        Line($"{probe}: (ioctl_of_{probe}+0x0/0x120) cmd=0x{call.Number:x} arg=0x{argument:x} file={VfioFile}{words}");
        if (within is not null) Line(within);
        Line(string.Create(CultureInfo.InvariantCulture, $"{probe}_ret: (__x64_sys_ioctl+0x9f/0xd0 <- ioctl_of_{probe}) ret={outcome}{words}"));
    }

    private void Line(string rest) => _lines.Add(string.Create(CultureInfo.InvariantCulture, $"             vmm-71      [000] ..... {1 + (++_time / 10_000m),12:F6}: teeio_{rest}"));
}
