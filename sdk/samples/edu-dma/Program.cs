// A userspace driver for QEMU's edu device: opens it through VFIO, gives it one page through IOMMUFD, and lets it copy data out of that page and back, told by an interrupt when it is done.
using System.Runtime.Versioning;
using System.Text;
using EduDma;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

[assembly: SupportedOSPlatform("linux")]

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: edu-dma /dev/vfio/devices/vfioN");
    return 2;
}

LinuxTransport linux = new();
Fd iommu = Open("/dev/iommu");
Fd device = Open(args[0]);
IommufdClient iommufd = new(linux, iommu);
VfioDeviceClient vfio = new(linux, device);

// The device is the driver's from here on, behind an address space of its own.
vfio.BindIommufd(VfioBindFlags.None, iommu, []);
IoasId ioas = iommufd.IoasAlloc();
PageTableId table = ioas;
vfio.AttachIommufdPt(VfioAttachFlags.None, ref table, 0);

// A page that both can reach: the driver at an address of its own, the device at an IOVA that the kernel picks.
using UserMemory page = linux.Allocate(EduConstants.BufferLength);
ulong iova = 0;
iommufd.IoasMap(IoasMapFlags.Readable | IoasMapFlags.Writeable, ioas, page, 0, page.Length, ref iova);

// Memory decoding and bus mastering on, the registers mapped, its interrupt sent to an eventfd.
vfio.GetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out ulong config);
linux.Write(device, config + (ulong)ConfigRegister.Command, BitConverter.GetBytes((ushort)(ConfigCommand.Memory | ConfigCommand.Master)));
vfio.GetRegionInfo(out _, (uint)VfioPciRegion.Bar0RegionIndex, out _, out ulong size, out ulong bar);
using UserMemory registers = linux.Map(device, bar, size, out Errno error) ?? throw new IOException($"BAR 0 can't be mapped: {error}");
Fd interrupt = new((int)LinuxTransport.OpenEvent().Value);
vfio.SetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, (uint)VfioPciIrq.MsiIrqIndex, 0, [interrupt]);

byte[] message = Encoding.ASCII.GetBytes("through the IOMMU and back");
page.Write(0, message);
Copy(iova, EduConstants.Buffer, EduDmaCommand.None);
Copy(EduConstants.Buffer, iova + 2048, EduDmaCommand.ToMemory);
byte[] copy = new byte[message.Length];
page.Read(2048, copy);
Console.WriteLine($"{Encoding.ASCII.GetString(copy)}: {message.Length} bytes, {(message.AsSpan().SequenceEqual(copy) ? "equal" : "different")}");

linux.Close(device);
linux.Close(iommu);
return message.AsSpan().SequenceEqual(copy) ? 0 : 1;

void Copy(ulong source, ulong destination, EduDmaCommand direction)
{
    Set(EduRegister.DmaSource, source);
    Set(EduRegister.DmaDestination, destination);
    Set(EduRegister.DmaCount, (ulong)message.Length);
    Set(EduRegister.DmaCommand, (ulong)(EduDmaCommand.Start | EduDmaCommand.Interrupt | direction));
    if (LinuxTransport.Wait(interrupt, TimeSpan.FromSeconds(10)).Value == 0) throw new TimeoutException("no interrupt came");
    linux.Receive(interrupt, new byte[8]);
    registers.Write((ulong)EduRegister.InterruptAck, BitConverter.GetBytes((uint)EduInterrupt.Dma));
}

void Set(EduRegister register, ulong value) => registers.Write((ulong)register, BitConverter.GetBytes(value));

Fd Open(string path)
{
    SysResult opened = linux.Open(path);
    return opened.IsOk ? new Fd((int)opened.Value) : throw new IOException($"{path} can't be opened: {opened.Errno}. 'teeio doctor' says what this machine lacks.");
}
