using System.Buffers.Binary;
using EduDma;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Kernel.Guest;

/// <summary>The rig's edu device through VFIO, bound to an iommufd.</summary>
internal sealed class EduDevice : IDisposable
{
    public const string First = "/dev/vfio/devices/vfio0";
    public const string Second = "/dev/vfio/devices/vfio1";

    /// <summary>open's flags for files that others make: O_RDWR | O_CLOEXEC.</summary>
    public const uint ReadWriteCloseOnExec = 0x80002;
    private readonly ulong _config;

    public EduDevice(Iommu iommu, string path = First)
    {
        File = Open(path);
        Calls = new VfioDeviceClient(Iommu.Linux, File, Outcomes.Hub);
        Id = Calls.BindIommufd(VfioBindFlags.None, iommu.Fd, []);
        Calls.GetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out _config);
        Command = ConfigCommand.Memory | ConfigCommand.Master;
        Calls.GetRegionInfo(out _, (uint)VfioPciRegion.Bar0RegionIndex, out _, out ulong size, out ulong offset);
        Registers = Iommu.Linux.Map(File, offset, size, out Errno error)!;
        Assert.True(Registers is not null, $"BAR 0 can't be mapped: {error}");
        BarLength = size;
    }

    public Fd File { get; }

    public VfioDeviceClient Calls { get; }

    public DeviceId Id { get; }

    public UserMemory Registers { get; }

    public ulong BarLength { get; }

    /// <summary>The command register in its configuration space.</summary>
    public ConfigCommand Command
    {
        get
        {
            byte[] bytes = new byte[2];
            Assert.Equal(2, Iommu.Linux.Read(File, _config + (ulong)ConfigRegister.Command, bytes).Value);
            return (ConfigCommand)BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        }
        set
        {
            byte[] bytes = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
            Assert.Equal(2, Iommu.Linux.Write(File, _config + (ulong)ConfigRegister.Command, bytes).Value);
        }
    }

    public static Fd Open(string path = First)
    {
        SysResult opened = Iommu.Linux.Open(path);
        Assert.True(opened.IsOk, $"{path}: {opened}");
        return new Fd((int)opened.Value);
    }

    /// <summary>Reads what configuration space has at <paramref name="register"/>.</summary>
    public ushort Config(ConfigRegister register)
    {
        byte[] bytes = new byte[2];
        Assert.Equal(2, Iommu.Linux.Read(File, _config + (ulong)register, bytes).Value);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>Attaches it.</summary>
    /// <returns>The page table that it's attached to now.</returns>
    public PageTableId Attach(PageTableId table)
    {
        Calls.AttachIommufdPt(VfioAttachFlags.None, ref table, 0);
        return table;
    }

    /// <summary>Reads a register of 4 bytes.</summary>
    public uint Get(EduRegister register)
    {
        byte[] bytes = new byte[4];
        Registers.Read((ulong)register, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Writes a register of 4 bytes.</summary>
    public void Set(EduRegister register, uint value) => Registers.Write((ulong)register, BitConverter.GetBytes(value));

    /// <summary>Has the device copy, and waits until it is done.</summary>
    public void Copy(ulong source, ulong destination, ulong count, EduDmaCommand command)
    {
        Set64(EduRegister.DmaSource, source);
        Set64(EduRegister.DmaDestination, destination);
        Set64(EduRegister.DmaCount, count);
        Set64(EduRegister.DmaCommand, (ulong)(EduDmaCommand.Start | command));
        byte[] bytes = new byte[8];
        for (int i = 0; i < 1000; i++)
        {
            Registers.Read((ulong)EduRegister.DmaCommand, bytes);
            if ((bytes[0] & (byte)EduDmaCommand.Start) == 0) return;
            Thread.Sleep(1);
        }

        Assert.Fail("the device's DMA doesn't end");
    }

    /// <summary>Has the device copy from one IOVA to another, through its own buffer.</summary>
    public void CopyThrough(ulong source, ulong destination, ulong count)
    {
        Copy(source, EduConstants.Buffer, count, EduDmaCommand.None);
        Copy(EduConstants.Buffer, destination, count, EduDmaCommand.ToMemory);
    }

    public void Dispose()
    {
        Registers.Dispose();
        Iommu.Linux.Close(File);
    }

    private void Set64(EduRegister register, ulong value) => Registers.Write((ulong)register, BitConverter.GetBytes(value));
}
