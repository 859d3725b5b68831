using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Kernel.Iommufd;
using TeeIo.Platform.Kernel.Kvm;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>An open device file. Nothing but VFIO_DEVICE_BIND_IOMMUFD works before it's bound.</summary>
internal sealed class VfioFile : KernelFile
{
    private const int OffsetShift = 40;
    private readonly VfioServer _server;
    private readonly IProfileCalls? _more;
    private IommufdFile? _iommufd;

    public VfioFile(SoftwareProcess owner, VfioDevice device)
        : base(owner)
    {
        Device = device;
        Config = new VfioConfigSpace(device);
        _server = new VfioServer(this);
        _more = owner.Kernel.Rules.MoreVfioCalls?.Invoke(this);
    }

    public VfioDevice Device { get; }

    public VfioConfigSpace Config { get; }

    /// <summary>The VM that the file has joined, or null.</summary>
    public KvmVm? Vm { get; set; }

    /// <summary>The device on the iommufd that it's bound to, or null.</summary>
    public IommufdDevice? Bound { get; private set; }

    public IommufdContext? Context => _iommufd?.Context;

    public bool IsOpen { get; private set; } = true;

    public static ulong RegionOffset(VfioPciRegion region) => (ulong)region << OffsetShift;

    public ulong RegionSize(VfioPciRegion region) => region switch
    {
        <= VfioPciRegion.Bar5RegionIndex => Device.Function.BarSize((int)region),
        VfioPciRegion.ConfigRegionIndex => ConfigSpaceConstants.Size,
        _ => 0,
    };

    /// <summary>Binds to an iommufd, until the file is closed.</summary>
    public IommufdDevice Bind(IommufdFile iommufd)
    {
        iommufd.Get();
        _iommufd = iommufd;
        Bound = new IommufdDevice(Device, Vm);
        iommufd.Context.Add(Bound);
        Device.User = this;
        Device.Enable();
        return Bound;
    }

    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame)
    {
        if (Device.IsGone) return Errno.ENODEV;
        return _more is not null && _more.Handles(request)
            ? _more.Dispatch(Owner.Kernel.Hub, request, frame)
            : VfioDeviceDispatcher.Dispatch(_server, Owner.Kernel.Hub, request, frame);
    }

    public override SysResult Read(ulong offset, Span<byte> destination)
    {
        if (Device.IsGone) return Errno.ENODEV;
        if (Bound is null) return Errno.EINVAL;
        SysResult located = Locate(offset, destination.Length, out VfioPciRegion region, out ulong at);
        if (!located.IsOk) return located;
        if (region == VfioPciRegion.ConfigRegionIndex)
        {
            if (!IsRegisterAccess(at, destination.Length)) return Errno.EINVAL;
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Config.Read((int)at, destination.Length));
            bytes[..destination.Length].CopyTo(destination);
        }
        else
        {
            if (!Device.DecodesMemory || Device.IsWithheld((int)region, at)) return Errno.EIO;
            Owner.Kernel.Memory.ReadMmio(Device.Function.BarAddress((int)region) + at, destination, tee: false);
        }

        return SysResult.Of(destination.Length);
    }

    public override SysResult Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (Device.IsGone) return Errno.ENODEV;
        if (Bound is null) return Errno.EINVAL;
        SysResult located = Locate(offset, source.Length, out VfioPciRegion region, out ulong at);
        if (!located.IsOk) return located;
        if (region == VfioPciRegion.ConfigRegionIndex)
        {
            if (!IsRegisterAccess(at, source.Length)) return Errno.EINVAL;
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            bytes.Clear();
            source.CopyTo(bytes);
            SysResult written = Config.Write((int)at, source.Length, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            return written.IsOk ? SysResult.Of(source.Length) : written;
        }

        if (!Device.DecodesMemory || Device.IsWithheld((int)region, at)) return Errno.EIO;
        Owner.Kernel.Memory.WriteMmio(Device.Function.BarAddress((int)region) + at, source, tee: false);
        return SysResult.Of(source.Length);
    }

    public override ProcessMemory? Map(ulong offset, ulong length, out Errno error)
    {
        error = Device.IsGone ? Errno.ENODEV : Errno.EINVAL;
        if (Device.IsGone || Bound is null || length > int.MaxValue) return null;
        if (!Locate(offset, (int)length, out VfioPciRegion region, out ulong at).IsOk || region > VfioPciRegion.Bar5RegionIndex) return null;
        error = Errno.Ok;
        return new BarMapping(this, (int)region, at, Owner.NextAddress(length), length);
    }

    /// <summary>The steps of every end: unbind, the vDEVICE, the dma-bufs, the device on the iommufd, the reset.</summary>
    protected override void Release()
    {
        IsOpen = false;
        if (Bound is not { } bound || Context is not { } context) return;
        if (bound.Vdevice is { } vdevice) context.Remove(vdevice, keepId: true);
        bound.Detach();
        Device.Close();
        bound.Users--;
        context.Remove(bound, keepId: false);
        Bound = null;
        _iommufd!.Put();
    }

    private SysResult Locate(ulong offset, int length, out VfioPciRegion region, out ulong at)
    {
        region = (VfioPciRegion)(offset >> OffsetShift);
        at = offset & ((1UL << OffsetShift) - 1);
        if (region > VfioPciRegion.VgaRegionIndex) return Errno.EINVAL;
        ulong size = RegionSize(region);
        return length == 0 || at >= size || (ulong)length > size - at ? Errno.EINVAL : SysResult.Ok;
    }

    private static bool IsRegisterAccess(ulong at, int length) => length is 1 or 2 or 4 && at % (ulong)length == 0;
}
