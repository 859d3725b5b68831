using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace TeeIo.Linux;

/// <summary>A mapping of this process; it goes when nobody uses it any more.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxMapping : SafeHandle
{
    private readonly nuint _length;

    public LinuxMapping(nint address, nuint length)
        : base(-1, ownsHandle: true)
    {
        _length = length;
        SetHandle(address);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Unmap((void*)handle, _length) == 0;
}
