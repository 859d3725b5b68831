using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>An open <c>/dev/iommu</c>. A device that is bound to it keeps it open.</summary>
internal sealed class IommufdFile : KernelFile
{
    private readonly IommufdServer _server;
    private readonly IProfileCalls? _more;

    public IommufdFile(SoftwareProcess owner)
        : base(owner)
    {
        Context = new IommufdContext(owner.Kernel);
        _server = new IommufdServer(Context, this);
        _more = owner.Kernel.Rules.MoreIommufdCalls?.Invoke(Context);
    }

    public IommufdContext Context { get; }

    /// <remarks>The profile's numbers begin after its base, and mainline gave some of them to other calls later: here those don't exist.</remarks>
    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame)
    {
        if (_more is not null && _more.Handles(request)) return _more.Dispatch(Owner.Kernel.Hub, request, frame);
        return request > Owner.Kernel.Rules.LastIommufdCall ? Errno.ENOTTY : IommufdDispatcher.Dispatch(_server, Owner.Kernel.Hub, request, frame);
    }

    public override SysResult Read(ulong offset, Span<byte> destination) => Errno.EINVAL;

    public override SysResult Write(ulong offset, ReadOnlySpan<byte> source) => Errno.EINVAL;

    protected override void Release() => Context.Clear();
}
