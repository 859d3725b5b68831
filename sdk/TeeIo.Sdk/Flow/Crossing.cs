namespace TeeIo.Flow;

/// <summary>One recorded passage of a boundary.</summary>
public sealed class Crossing
{
    internal Crossing(int sequence, CallInfo call, CrossingSide side, string task, string? subject, Crossing? parent, byte[] input)
    {
        Sequence = sequence;
        Call = call;
        Side = side;
        Task = task;
        Subject = subject;
        Parent = parent;
        Input = input;
    }

    /// <summary>Position in the trace, from 0.</summary>
    public int Sequence { get; }

    /// <summary>The call.</summary>
    public CallInfo Call { get; }

    /// <summary>The side on which it was opened.</summary>
    public CrossingSide Side { get; }

    /// <summary>The actor on that side.</summary>
    public string Actor => Side == CrossingSide.Client ? Call.Client : Call.Server;

    /// <summary>The thread of execution that crossed (<c>vm0/vcpu1</c>, <c>admin</c> …).</summary>
    public string Task { get; }

    /// <summary>The TDI that it is about, or the VM where it is about all of that, or null.</summary>
    public string? Subject { get; internal set; }

    /// <summary>The crossing that encloses it, or null.</summary>
    public Crossing? Parent { get; }

    /// <summary>Argument bytes when it was opened.</summary>
    public ReadOnlyMemory<byte> Input { get; }

    /// <summary>Argument bytes when it was closed.</summary>
    public ReadOnlyMemory<byte> Output { get; private set; }

    /// <summary>What came back.</summary>
    public long Outcome { get; private set; }

    /// <summary>Position at which it was closed, or -1 while it is open.</summary>
    public int ClosedAt { get; private set; } = -1;

    /// <summary>Whether the callee was entered: false where an injector dropped or failed the call.</summary>
    public bool Entered { get; internal set; } = true;

    /// <summary>Whether it ended by an exception instead of an outcome.</summary>
    public bool Threw { get; private set; }

    /// <summary>Whether it was entered and has succeeded.</summary>
    public bool IsSuccess => Entered && ClosedAt >= 0 && !Threw && Call.IsSuccess(Outcome);

    internal void Close(int at, long outcome, byte[] output, bool threw) => (ClosedAt, Outcome, Output, Threw) = (at, outcome, output, threw);

    /// <summary>Whether a crossing of <paramref name="call"/> encloses this one.</summary>
    public bool IsWithin(string call)
    {
        for (Crossing? c = Parent; c is not null; c = c.Parent)
        {
            if (string.Equals(c.Call.Name, call, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
