using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware;

/// <summary>The secure processor's mailbox: takes a command by its id, whatever the caller means. Before SNP is initialised only what describes or initialises it is served, and
/// before TIO is, only TIO's own beginning.</summary>
internal sealed class Mailbox(PlatformState platform, ISnpFirmwareServer snp, ITioFirmwareServer tio, CrossingHub? hub) : CommandTransport
{
    public override uint Execute(CallInfo call, uint command, Span<byte> buffer)
    {
        bool isSnp = SnpFirmwareDispatcher.BufferSize(command) >= 0;
        bool isTio = TioFirmwareDispatcher.BufferSize(command) >= 0;
        if (!isSnp && !isTio) return (uint)SevRet.InvalidCommand;
        if (!IsServed((SevCmd)command, isTio)) return (uint)SevRet.InvalidPlatformState;
        return (uint)(isSnp ? SnpFirmwareDispatcher.Dispatch(snp, hub, command, buffer) : TioFirmwareDispatcher.Dispatch(tio, hub, command, buffer));
    }

    private bool IsServed(SevCmd command, bool isTio)
    {
        if (command is SevCmd.SnpPlatformStatus or SevCmd.SnpFeatureInfo or SevCmd.SnpInitEx) return true;
        if (!platform.IsSnpReady) return false;
        return !isTio || platform.IsTioReady || command is SevCmd.TioStatus or SevCmd.TioInit;
    }
}
