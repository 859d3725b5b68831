namespace TeeIo.Flow;

/// <summary>Sees every crossing: the recorder, the invariant monitor.</summary>
public interface ICrossingObserver
{
    /// <summary>A crossing begins; the callee has not been entered.</summary>
    void Opened(Crossing crossing);

    /// <summary>A crossing has ended.</summary>
    void Closed(Crossing crossing);
}
