using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Tsm;

/// <summary>Link operations that note who called what, and answer as told.</summary>
internal sealed class RecordingHostTsm(List<string> calls) : IHostTsm
{
    public SysResult ProbeAnswer { get; set; }

    public SysResult ConnectAnswer { get; set; }

    public SysResult BindAnswer { get; set; }

    public SysResult UnbindAnswer { get; set; }

    public SysResult DisconnectAnswer { get; set; }

    /// <summary>The function that can't be unbound.</summary>
    public TsmFunction? Stuck { get; set; }

    public Action? WhileBinding { get; set; }

    public Action? WhileServing { get; set; }

    public SysResult Probe(TsmFunction function) => Note($"probe {function.Address.Function}", ProbeAnswer);

    public SysResult Remove(TsmFunction function) => Note($"remove {function.Address.Function}", SysResult.Ok);

    public SysResult Connect(TsmFunction function) => Note($"connect {function.Address.Function}", ConnectAnswer);

    public SysResult Disconnect(TsmFunction function) => Note($"disconnect {function.Address.Function}", DisconnectAnswer);

    public SysResult Bind(Tdi tdi)
    {
        WhileBinding?.Invoke();
        return Note($"bind {tdi.Function.Address.Function} to {tdi.Vm.Name} epoch {tdi.Epoch}", BindAnswer);
    }

    public SysResult Unbind(Tdi tdi, ITdiServices services) => Note($"unbind {tdi.Function.Address.Function}", tdi.Function == Stuck ? Errno.EIO : UnbindAnswer);

    public SysResult GuestReq(Tdi tdi, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        tsmCode = 0;
        SysResult answer = Note($"guest_req {tdi.Function.Address.Function}", SysResult.Ok);
        if (WhileServing is not { } wait) return answer;
        wait();
        return Note("served", answer);
    }

    private SysResult Note(string call, SysResult answer)
    {
        calls.Add(call);
        return answer;
    }
}
