using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace Nvme;

/// <summary>A PCI function that is this process's alone, behind an address space that has in it what the function may reach and nothing else. Any userspace driver can begin with this.</summary>
internal sealed class PciFunction : IDisposable
{
    private readonly LinuxTransport _linux = new();
    private readonly List<Fd> _files = [];
    private readonly List<UserMemory> _memory = [];
    private readonly Fd _device;
    private readonly VfioDeviceClient _vfio;
    private readonly IommufdClient _iommufd;
    private readonly IoasId _ioas;
    private readonly ulong _configuration;

    /// <summary>Takes the function.</summary>
    /// <param name="path">Its VFIO device file, /dev/vfio/devices/vfioN.</param>
    /// <exception cref="IOException">The file can't be opened.</exception>
    /// <exception cref="AbiException">The kernel refuses a call.</exception>
    public PciFunction(string path)
    {
        try
        {
            _device = Open(path);
            Fd iommu = Open("/dev/iommu");
            _vfio = new VfioDeviceClient(_linux, _device);
            _iommufd = new IommufdClient(_linux, iommu);
            _vfio.BindIommufd(VfioBindFlags.None, iommu, []);
            _ioas = _iommufd.IoasAlloc();
            PageTableId table = _ioas;
            _vfio.AttachIommufdPt(VfioAttachFlags.None, ref table, 0);
            _vfio.GetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out _configuration);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Class and subclass.</summary>
    public ushort Class => BinaryPrimitives.ReadUInt16LittleEndian(Configuration(ConfigRegister.ClassDevice, sizeof(ushort)));

    /// <summary>Programming interface.</summary>
    public byte Interface => Configuration(ConfigRegister.ClassProg, sizeof(byte))[0];

    /// <summary>Lets the function answer and do DMA, and maps its registers.</summary>
    /// <returns>BAR 0.</returns>
    public UserMemory Start()
    {
        const ConfigCommand Command = ConfigCommand.Memory | ConfigCommand.Master | ConfigCommand.IntxDisable;
        _linux.Write(_device, _configuration + (ulong)ConfigRegister.Command, BitConverter.GetBytes((ushort)Command));
        _vfio.GetRegionInfo(out _, (uint)VfioPciRegion.Bar0RegionIndex, out _, out ulong size, out ulong offset);
        UserMemory registers = _linux.Map(_device, offset, size, out Errno error) ?? throw new IOException($"BAR 0 can't be mapped: {error}.");
        _memory.Add(registers);
        return registers;
    }

    /// <summary>Gives the function memory: from now until <see cref="Dispose"/> it may read and write it.</summary>
    /// <param name="length">Bytes, whole pages.</param>
    public DmaMemory Allocate(ulong length)
    {
        UserMemory memory = _linux.Allocate(length);
        _memory.Add(memory);
        ulong iova = 0;
        _iommufd.IoasMap(IoasMapFlags.Readable | IoasMapFlags.Writeable, _ioas, memory, 0, length, ref iova);
        return new DmaMemory(memory, iova);
    }

    /// <summary>Enables an interrupt, by MSI-X or else by MSI.</summary>
    /// <param name="vector">Which one; the last if the function doesn't have so many.</param>
    public Interrupt EnableInterrupt(ushort vector)
    {
        VfioPciIrq kind = VfioPciIrq.MsixIrqIndex;
        _vfio.GetIrqInfo(out _, (uint)kind, out uint vectors);
        if (vectors == 0) _vfio.GetIrqInfo(out _, (uint)(kind = VfioPciIrq.MsiIrqIndex), out vectors);
        if (vectors == 0) throw new IOException("the device has neither MSI-X nor MSI, which this driver needs for interrupts.");
        vector = (ushort)Math.Min(vector, vectors - 1);
        SysResult opened = LinuxTransport.OpenEvent();
        if (!opened.IsOk) throw new IOException($"no event can be opened: {opened.Errno}. See 'ulimit -n'.");
        Fd counter = new((int)opened.Value);
        _files.Add(counter);
        _vfio.SetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, (uint)kind, vector, [counter]);
        return new Interrupt(_linux, counter, vector);
    }

    /// <summary>Gives everything back. Closing the device's file ends its DMA and resets it, before its memory goes.</summary>
    public void Dispose()
    {
        foreach (Fd file in _files) _linux.Close(file);
        foreach (UserMemory memory in _memory) memory.Dispose();
    }

    private byte[] Configuration(ConfigRegister register, int length)
    {
        byte[] value = new byte[length];
        SysResult read = _linux.Read(_device, _configuration + (ulong)register, value);
        return read.Value == length ? value : throw new IOException($"configuration space can't be read: {read}.");
    }

    private Fd Open(string path)
    {
        SysResult opened = _linux.Open(path);
        if (!opened.IsOk) throw new IOException($"{path} can't be opened: {opened.Errno}. 'teeio doctor' says what this machine lacks, and README.md how a device comes to VFIO.");
        Fd file = new((int)opened.Value);
        _files.Add(file);
        return file;
    }
}
