using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Hostile;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;
using TeeIo.Sev.Tests.Drivers;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>Firmware of which one command ends otherwise, or all of one name from then on: another status, or other bytes in a buffer that it writes.</summary>
internal sealed class LyingFirmware(Mutation mutation, ScriptedFirmware firmware, HostMemory memory, int commands) : CommandTransport
{
    private static readonly SevRet[] s_statuses = Enum.GetValues<SevRet>();
    private readonly int _lieAt = mutation.Below(commands);
    private readonly bool _isLasting = mutation.Once(4);
    private CallInfo? _name;
    private int _commands;

    /// <summary>Whether it lies; it doesn't at first.</summary>
    public bool IsOn { get; set; }

    /// <summary>The last lie.</summary>
    public string Said { get; private set; } = "no lie";

    public override uint Execute(CallInfo call, uint command, Span<byte> buffer)
    {
        const int Limit = 1 << 14;
        if (!IsOn) return firmware.Execute(call, command, buffer);
        if (++_commands > Limit) throw new InvalidOperationException("The driver commands the firmware without end.");
        bool lies = _commands == _lieAt + 1 || (_isLasting && call == _name);
        if (!lies) return firmware.Execute(call, command, buffer);
        _name = call;
        bool isDone = mutation.Once(2);
        uint status = isDone ? firmware.Execute(call, command, buffer) : (uint)s_statuses[mutation.Below(s_statuses.Length)];
        if (isDone && mutation.Once(4)) status = (uint)mutation.Number();
        if (mutation.Once(2)) Scribble();
        Said = $"{call.Name} = {status:x} ({(isDone ? "done" : "not done")}{(_isLasting ? ", lasting" : "")})";
        return status;
    }

    /// <summary>Changes what lies in a page of the firmware's.</summary>
    private void Scribble()
    {
        ulong[] pages = [.. memory.FirmwarePages];
        if (pages.Length == 0) return;
        ulong page = pages[mutation.Below(pages.Length)];
        byte[] content = new byte[RmpConstants.PageSize];
        memory.Read(page, content);
        mutation.Scribble(content);
        memory.WriteAsFirmware(page, content);
    }
}
