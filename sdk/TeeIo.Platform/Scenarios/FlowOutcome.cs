using System.Collections.Immutable;
using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Platform.Scenarios;

/// <summary>What came of a run.</summary>
/// <param name="Report">The first VM's flow, held against its profile.</param>
/// <param name="Trace">Every crossing of the flow, from the boot on.</param>
/// <param name="Log">What guests, VMMs and the admin have to say about steps that failed.</param>
public sealed record FlowOutcome(FlowReport Report, IReadOnlyList<Crossing> Trace, ImmutableArray<string> Log)
{
    /// <summary>Which invariants were violated.</summary>
    public ImmutableArray<Violation> Violations { get; init; } = [];

    /// <summary>What is gone after the flow and in nobody's account, quarantine included: a sentence each.</summary>
    public ImmutableArray<string> Lost { get; init; } = [];

    /// <summary>Pages in quarantine at the end, and why.</summary>
    public ImmutableDictionary<ulong, string> QuarantinedPages { get; init; } = ImmutableDictionary<ulong, string>.Empty;

    /// <summary>Functions in quarantine at the end.</summary>
    public ImmutableArray<TsmFunction> QuarantinedFunctions { get; init; } = [];

    /// <summary>VMs in quarantine at the end.</summary>
    public ImmutableArray<ConfidentialVm> QuarantinedVms { get; init; } = [];

    /// <summary>What the device says of each function, the physical one first, at the end of the flow.</summary>
    public ImmutableArray<TdiState> TdiStates { get; init; } = [];

    /// <summary>What a second flow has to say about steps that failed; null where none followed.</summary>
    public ImmutableArray<string>? Aftermath { get; init; }

    /// <summary>The accounts after every teardown that had failed was tried again; null where none had, or nobody tried.</summary>
    public FlowOutcome? Retried { get; init; }

    /// <summary>Whether something is out of use.</summary>
    public bool HasQuarantine => !QuarantinedPages.IsEmpty || !QuarantinedFunctions.IsEmpty || !QuarantinedVms.IsEmpty;
}
