namespace TeeIo.Scheduling;

/// <summary>A kind of lock and its place in the order in which locks may be taken.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="Rank">Locks are taken in ascending rank: the outermost has the smallest.</param>
public sealed record LockClass(string Name, int Rank);
