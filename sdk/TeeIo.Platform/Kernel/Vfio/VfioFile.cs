using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Vfio;
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
        Interrupts = new VfioInterrupts(this);
        _server = new VfioServer(this);
        _more = owner.Kernel.Rules.MoreVfioCalls?.Invoke(this);
    }

    public VfioDevice Device { get; }

    public VfioConfigSpace Config { get; }

    public VfioInterrupts Interrupts { get; }

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
        VfioPciRegion.ConfigRegionIndex => (ulong)Config.Length,
        _ => 0,
    };

    /// <summary>Binds to an iommufd, until the file is closed.</summary>
    public IommufdDevice Bind(IommufdFile iommufd)
    {
        iommufd.Get();
        _iommufd = iommufd;
        Bound = new IommufdDevice(iommufd.Context, Device, Vm);
        iommufd.Context.Add(Bound);
        Device.User = this;
        Device.Enable();
        return Bound;
    }

    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame)
    {
        if (Device.IsGone) return Errno.ENODEV;
        if (Bound is null && request != VfioCalls.BindIommufd.Number) return Errno.EINVAL;
        return _more is not null && _more.Handles(request)
            ? _more.Dispatch(Owner.Kernel.Hub, request, frame)
            : VfioDeviceDispatcher.Dispatch(_server, Owner.Kernel.Hub, request, frame);
    }

    public override SysResult Read(ulong offset, Span<byte> destination)
    {
        SysResult located = Locate(offset, destination.Length, isWrite: false, out VfioPciRegion region, out ulong at);
        if (!located.IsOk || located.Value == 0) return located;
        destination = destination[..(int)located.Value];
        if (region != VfioPciRegion.ConfigRegionIndex) Owner.Kernel.Memory.ReadMmio(Device.Function.BarAddress((int)region) + at, destination, tee: false);
        else Config.Read((int)at, destination);
        return located;
    }

    public override SysResult Write(ulong offset, ReadOnlySpan<byte> source)
    {
        SysResult located = Locate(offset, source.Length, isWrite: true, out VfioPciRegion region, out ulong at);
        if (!located.IsOk || located.Value == 0) return located;
        source = source[..(int)located.Value];
        if (region == VfioPciRegion.ConfigRegionIndex) return Config.Write((int)at, source);
        Owner.Kernel.Memory.WriteMmio(Device.Function.BarAddress((int)region) + at, source, tee: false);
        return located;
    }

    public override ProcessMemory? Map(ulong offset, ulong length, out Errno error)
    {
        error = Device.IsGone ? Errno.ENODEV : Errno.EINVAL;
        if (Device.IsGone || Bound is null || length > int.MaxValue) return null;
        (VfioPciRegion region, ulong at) = Split(offset);
        ulong size = RegionSize(region);
        if (region > VfioPciRegion.Bar5RegionIndex || at > size || length > size - at) return null;
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

    private static (VfioPciRegion Region, ulong At) Split(ulong offset) => ((VfioPciRegion)(offset >> OffsetShift), offset & ((1UL << OffsetShift) - 1));

    /// <summary>Finds what a read or write reaches.</summary>
    /// <returns>How many of the bytes lie in the region.</returns>
    private SysResult Locate(ulong offset, int length, bool isWrite, out VfioPciRegion region, out ulong at)
    {
        (region, at) = Split(offset);
        if (Device.IsGone) return Errno.ENODEV;
        if (Bound is null) return Errno.EINVAL;
        if (length == 0) return SysResult.Ok;
        bool isRegion = region <= VfioPciRegion.Bar5RegionIndex || region == VfioPciRegion.ConfigRegionIndex || (region == VfioPciRegion.RomRegionIndex && !isWrite);
        ulong size = isRegion ? RegionSize(region) : 0;
        if (region == VfioPciRegion.ConfigRegionIndex) return at <= size && (ulong)length <= size - at ? SysResult.Of(length) : Errno.EFAULT;
        if (at >= size) return Errno.EINVAL;
        ulong count = Math.Min((ulong)length, size - at);
        if (!Device.DecodesMemory || Device.IsWithheld((int)region, at)) return Errno.EIO;
        return SysResult.Of((long)count);
    }
}
