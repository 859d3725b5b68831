namespace TeeIo.Tdx.Host;

/// <summary>Counts how often a call is made again. Every crossing is a scheduling point, so the others get their turn between two tries; what stays busy through all of them
/// is an error.</summary>
internal struct Retry
{
    private const int MaxTries = 256;
    private int _tries;

    /// <summary>Whether to make the call again that ended with <paramref name="status"/>.</summary>
    public bool Again(StatusWord status) => status.IsTransient && ++_tries < MaxTries;
}
