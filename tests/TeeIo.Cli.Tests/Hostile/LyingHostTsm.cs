using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>A host's driver whose answers to guests change on their way.</summary>
internal sealed class LyingHostTsm(IHostTsm driver, Liar liar) : IHostTsm
{
    public SysResult Probe(TsmFunction function) => driver.Probe(function);

    public SysResult Remove(TsmFunction function) => driver.Remove(function);

    public SysResult Connect(TsmFunction function) => driver.Connect(function);

    public SysResult Disconnect(TsmFunction function) => driver.Disconnect(function);

    public SysResult Bind(Tdi tdi) => driver.Bind(tdi);

    public SysResult Unbind(Tdi tdi, ITdiServices services) => driver.Unbind(tdi, services);

    public SysResult GuestReq(Tdi tdi, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        SysResult result = driver.GuestReq(tdi, selector, request, response, out tsmCode);
        liar.Change(LiesAt.Responses, response);
        return result;
    }
}
