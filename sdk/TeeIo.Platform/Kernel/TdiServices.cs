using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel;

/// <summary>What VFIO and IOMMUFD do for a vendor's driver while it unbinds a TDI.</summary>
internal sealed class TdiServices(SoftwareKernel kernel) : ITdiServices
{
    public SysResult DisableMmio(Tdi tdi) => kernel.FindDevice(tdi.Function) is { } device ? device.RevokePrivate() : Errno.EIO;

    public SysResult DisableDma(Tdi tdi) => kernel.FindDevice(tdi.Function) is { } device ? device.TearDownTrustedDma() : Errno.EIO;

    public SysResult EnableMmio(Tdi tdi)
    {
        kernel.FindDevice(tdi.Function)?.Recover();
        return SysResult.Ok;
    }
}
