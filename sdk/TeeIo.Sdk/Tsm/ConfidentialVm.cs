using TeeIo.Flow;

namespace TeeIo.Tsm;

/// <summary>A confidential VM, by the identity that KVM, IOMMUFD and the TSM share. A kernel makes its own kind of it.</summary>
/// <param name="id">Its number on this platform, from 1.</param>
/// <param name="name">Its name in traces.</param>
public abstract class ConfidentialVm(ulong id, string name) : ICrossingHandle
{
    /// <summary>Its name in traces.</summary>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public ulong CrossingId { get; } = id;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
