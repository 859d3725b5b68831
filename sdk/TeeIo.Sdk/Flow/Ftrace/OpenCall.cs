using System.Collections.Immutable;

namespace TeeIo.Flow.Ftrace;

/// <summary>A call that has begun in a task.</summary>
/// <param name="Begun">The event that began it.</param>
/// <param name="Crossings">Its crossings, the outermost first; none where nobody knows the call.</param>
internal sealed record OpenCall(FtraceEvent Begun, ImmutableArray<Crossing> Crossings);
