using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

/// <summary>Keeps the last command and its buffer, and answers with a status that a test sets.</summary>
internal sealed class RecordingFirmware(SevRet status = SevRet.Success) : CommandTransport
{
    public uint Command { get; private set; }

    public byte[] Buffer { get; private set; } = [];

    public override uint Execute(CallInfo call, uint command, Span<byte> buffer)
    {
        (Command, Buffer) = (command, buffer.ToArray());
        return (uint)status;
    }
}
