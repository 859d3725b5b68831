namespace TeeIo.Flow;

/// <summary>An object that operations pass to each other and that a trace shows by its number.</summary>
public interface ICrossingHandle
{
    /// <summary>The number, unique among objects of its kind on a platform.</summary>
    ulong CrossingId { get; }
}
