using TeeIo.Pci.Tdisp;

namespace TeeIo.Tsm;

/// <summary>Something whose place in the flow is known to the side that holds it. Generated code keeps it; a device or its firmware may know better.</summary>
public interface IStatefulHandle
{
    /// <summary>The TDISP state that it was last known to be in.</summary>
    TdiState State { get; set; }

    /// <summary>Whether a VM owns it.</summary>
    bool IsBound { get; set; }
}
