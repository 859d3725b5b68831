namespace TeeIo.Flow;

/// <summary>Where a trace comes from that wasn't taken at the generated boundaries, but from outside: a kernel's own trace, say.</summary>
public interface ITraceOrigin
{
    /// <summary>Whether crossings of the call could be in the trace at all.</summary>
    /// <param name="call">Name of the call, as <see cref="CallInfo.Name"/> has it.</param>
    bool Shows(string call);

    /// <summary>Where in the recording a position of the trace is, in words for people.</summary>
    /// <param name="position">A <see cref="Crossing.Sequence"/> or <see cref="Crossing.ClosedAt"/>.</param>
    string Place(int position);
}
