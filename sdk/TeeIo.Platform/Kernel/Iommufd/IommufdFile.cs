using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>An open <c>/dev/iommu</c>. A device that is bound to it keeps it open.</summary>
internal sealed class IommufdFile : KernelFile
{
    private readonly IommufdServer _server;
    private readonly SeedIommufdServer? _seed;

    public IommufdFile(SoftwareProcess owner)
        : base(owner)
    {
        Context = new IommufdContext(owner.Kernel);
        _server = new IommufdServer(Context, this);
        if (owner.Kernel.Profile == "seed-2025-05") _seed = new SeedIommufdServer(Context);
    }

    public IommufdContext Context { get; }

    /// <remarks>The profile's numbers begin after its base, and mainline gave them to other calls later: here those don't exist.</remarks>
    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame)
    {
        if (_seed is null) return IommufdDispatcher.Dispatch(_server, Owner.Kernel.Hub, request, frame);
        if (SeedIommufdDispatcher.Handles(request)) return SeedIommufdDispatcher.Dispatch(_seed, Owner.Kernel.Hub, request, frame);
        if (request > IommufdCalls.VeventqAlloc.Number) return Errno.ENOTTY;
        return IommufdDispatcher.Dispatch(_server, Owner.Kernel.Hub, request, frame);
    }

    protected override void Release() => Context.Clear();
}
