using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>A vCPU's exit that changes before the VMM reads it, or after it has answered.</summary>
internal sealed class LyingDecoder(IGuestCallDecoder decoder, Liar liar) : IGuestCallDecoder
{
    public SysResult HandleExit(ConfidentialVm vm, uint exitReason, Span<byte> exit, IVmmServices services)
    {
        liar.Change(LiesAt.Exits, exit);
        SysResult result = decoder.HandleExit(vm, exitReason, exit, services);
        liar.Change(LiesAt.Answers, exit);
        return result;
    }
}
