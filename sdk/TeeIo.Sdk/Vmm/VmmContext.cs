using TeeIo.Flow;

namespace TeeIo.Vmm;

/// <summary>What a vendor's decoder gets from the VMM that it works for.</summary>
/// <param name="Hub">Where its boundaries report.</param>
/// <param name="Memory">The guest's shared memory.</param>
/// <param name="Worker">Runs what must not keep a vCPU waiting.</param>
public sealed record VmmContext(CrossingHub Hub, IGuestSharedMemory Memory, IVmmWorker Worker);
