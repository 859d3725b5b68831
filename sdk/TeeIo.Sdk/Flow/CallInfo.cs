using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>What is known of a call, from its spec. One instance per call; generated.</summary>
public sealed class CallInfo
{
    /// <summary>Name of the spec.</summary>
    public required string Abi { get; init; }

    /// <summary>The call's own name (<c>IOMMU_HWPT_ALLOC</c>, <c>TDG.TDI.RD</c>; an operation with its interface: <c>link-ops.bind</c>).</summary>
    public required string Name { get; init; }

    /// <summary>The selector, or null for calls without one and for those whose number is public nowhere.</summary>
    public ulong? Number { get; init; }

    /// <summary>For a call that another one carries, whose selector it has: what the carrier's record must hold to mean this one.</summary>
    public ImmutableArray<CallSelector> Selectors { get; init; } = [];

    /// <summary>Actor that calls.</summary>
    public required string Client { get; init; }

    /// <summary>Actor that is called.</summary>
    public required string Server { get; init; }

    /// <summary>How to read the outcome.</summary>
    public required OutcomeKind Outcome { get; init; }

    /// <summary>For <see cref="OutcomeKind.Status"/>: the bits that tell success; all by default.</summary>
    public ulong OutcomeMask { get; init; } = ulong.MaxValue;

    /// <summary>For status words and codes: their names.</summary>
    public ValueNames? OutcomeNames { get; init; }

    /// <summary>Arguments and results, in the spec's order.</summary>
    public ImmutableArray<ArgumentInfo> Arguments { get; init; } = [];

    /// <summary>The errors that the spec lists.</summary>
    public ImmutableArray<ErrorInfo> Errors { get; init; } = [];

    /// <summary>Whether <paramref name="outcome"/> is success.</summary>
    public bool IsSuccess(long outcome) => Outcome switch
    {
        OutcomeKind.Syscall => outcome >= 0,
        OutcomeKind.Status => ((ulong)outcome & OutcomeMask) == 0,
        _ => outcome == 0,
    };

    /// <summary>The spec's words for the error <paramref name="outcome"/>, or null.</summary>
    public string? Explain(long outcome)
    {
        foreach (ErrorInfo error in Errors)
        {
            if (error.Outcome is not { } code) continue;
            bool same = Outcome == OutcomeKind.Status ? ((ulong)code & OutcomeMask) == ((ulong)outcome & OutcomeMask) : code == outcome;
            if (same) return error.Meaning;
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
