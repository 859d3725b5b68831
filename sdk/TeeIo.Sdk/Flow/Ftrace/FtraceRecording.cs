using System.Collections.Immutable;

namespace TeeIo.Flow.Ftrace;

/// <summary>What a file with a kernel's trace holds of the recorder's probes.</summary>
/// <param name="Events">The events of the recorder's probes, without the prefix of their names, in order of time.</param>
/// <param name="Others">How many events of others stand in it.</param>
/// <param name="Losses">Where events were lost, in words.</param>
/// <param name="Probes">The probes that were set, where the recorder said so; null where it didn't.</param>
/// <param name="Unset">The probes that couldn't be set, and why, as the recorder said.</param>
public sealed record FtraceRecording(
    ImmutableArray<FtraceEvent> Events, int Others, ImmutableArray<string> Losses, ImmutableHashSet<string>? Probes, ImmutableArray<string> Unset);
