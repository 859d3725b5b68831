using System.Collections.Immutable;
using System.Globalization;

namespace TeeIo.Flow.Ftrace;

/// <summary>A kernel's trace as crossings: what the checker and the charts take.</summary>
/// <remarks>An event of a call is a crossing on both sides: the caller was there, and the kernel or the firmware has answered. What an entry of the TSM core asks of its driver is taken from the entry.</remarks>
public sealed class KernelTrace : ITraceOrigin
{
    private readonly IReadOnlyList<FtraceEvent> _places;
    private readonly HashSet<string> _shown;

    internal KernelTrace(IReadOnlyList<Crossing> crossings, IReadOnlyList<FtraceEvent> places, HashSet<string> shown, ImmutableArray<string> subjects, ImmutableArray<string> remarks)
    {
        (Crossings, Subjects, Remarks) = (crossings, subjects, remarks);
        (_places, _shown) = (places, shown);
    }

    /// <summary>The crossings, in the order of time.</summary>
    public IReadOnlyList<Crossing> Crossings { get; }

    /// <summary>The devices that were bound to an IOMMUFD, by the names that the kernel has for them, in order; empty where the trace names none.</summary>
    public ImmutableArray<string> Subjects { get; }

    /// <summary>What could not be read as it should be, in sentences: ends without a beginning, calls that nobody here knows, lost events.</summary>
    public ImmutableArray<string> Remarks { get; }

    /// <summary>Reads a recording as a kernel of one profile and one vendor's host made it.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="profile">The kernel's profile, whose numbers count.</param>
    /// <param name="vendor">The vendor whose firmware calls count.</param>
    public static KernelTrace Of(FtraceRecording recording, string profile, TraceVendor vendor)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(vendor);
        var meaning = new ProbeMeaning(profile, vendor);
        var builder = new KernelTraceBuilder(meaning);
        foreach (FtraceEvent e in recording.Events) builder.Take(e);
        IReadOnlySet<string> probes = recording.Probes is { } said ? said : recording.Events.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        return new KernelTrace(builder.Crossings, builder.Places, meaning.Shown(probes), [.. builder.Devices.Names], [.. recording.Losses.Select(l => l + "; rows may be missing for that reason"), .. builder.Remarks()]);
    }

    /// <inheritdoc/>
    public bool Shows(string call) => _shown.Contains(call);

    /// <inheritdoc/>
    public string Place(int position)
    {
        if (position < 0 || position >= _places.Count) return "at the end";
        FtraceEvent e = _places[position];
        return string.Create(CultureInfo.InvariantCulture, $"line {e.Line}, {e.Time} s");
    }
}
