namespace TeeIo.Flow;

/// <summary>Decides whether a crossing goes through.</summary>
public interface ICrossingInjector
{
    /// <summary>Decides on <paramref name="crossing"/> before the callee is entered.</summary>
    Injection Decide(Crossing crossing);
}
