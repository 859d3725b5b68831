using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Scheduling;

namespace TeeIo.Sev.Host;

/// <summary>The mailbox of the secure processor, which takes one command at a time.</summary>
/// <param name="mailbox">The mailbox.</param>
/// <param name="turn">Whose turn it is.</param>
internal sealed class SerialMailbox(CommandTransport mailbox, OrderedLock turn) : CommandTransport
{
    /// <inheritdoc/>
    public override uint Execute(CallInfo call, uint command, Span<byte> buffer)
    {
        using LockHold hold = turn.Acquire();
        return mailbox.Execute(call, command, buffer);
    }
}
