namespace TeeIo.Vmm;

/// <summary>A VMM's worker: runs one piece of work after the other, apart from the vCPUs.</summary>
public interface IVmmWorker
{
    /// <summary>Queues <paramref name="work"/>. In the trace it stays below what asked for it.</summary>
    void Post(Action work);
}
