using System.Collections.Immutable;
using TeeIo.Flow;

namespace TeeIo.Platform.Scenarios;

/// <summary>What came of a run.</summary>
/// <param name="Report">The first VM's flow, held against its profile.</param>
/// <param name="Trace">Every crossing of the run.</param>
/// <param name="Log">What guests, VMMs and the admin have to say about steps that failed.</param>
public sealed record FlowOutcome(FlowReport Report, IReadOnlyList<Crossing> Trace, ImmutableArray<string> Log);
