namespace TeeIo.Tdx.Module;

/// <summary>Makes each caller's retry loop turn: the first try of a leaf on an object fails as contention or an interrupt would make it fail, later ones don't. The silicon
/// does so at random; here the same run always meets the same tries.</summary>
/// <param name="isActive">Whether first tries fail at all.</param>
internal sealed class FirstTries(bool isActive)
{
    private readonly HashSet<(string Leaf, ulong Subject)> _seen = [];

    /// <summary>Whether this is the first try of <paramref name="leaf"/> on <paramref name="subject"/>.</summary>
    public bool IsFirst(string leaf, ulong subject) => isActive && _seen.Add((leaf, subject));
}
