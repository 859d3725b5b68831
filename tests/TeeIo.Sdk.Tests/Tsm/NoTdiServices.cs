using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Tsm;

/// <summary>Upper levels that have nothing to do.</summary>
internal sealed class NoTdiServices : ITdiServices
{
    public SysResult DisableMmio(Tdi tdi) => SysResult.Ok;

    public SysResult DisableDma(Tdi tdi) => SysResult.Ok;

    public SysResult EnableMmio(Tdi tdi) => SysResult.Ok;
}
