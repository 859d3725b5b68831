using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>Runs commands whose buffer lies in memory, while code, buffer address and status go through registers beside it.</summary>
public abstract class CommandTransport
{
    /// <summary>Runs <paramref name="command"/> and waits for its end.</summary>
    /// <param name="call">What the caller means.</param>
    /// <param name="command">The command's code.</param>
    /// <param name="buffer">The buffer, which the callee may write; empty where the command has none.</param>
    /// <returns>The status; 0 is success.</returns>
    public abstract uint Execute(CallInfo call, uint command, Span<byte> buffer);
}
