using TeeIo.Flow;
using TeeIo.Scheduling;

namespace TeeIo.Vmm;

/// <summary>The VMM's worker: a task that runs posted work in order until it is told to stop.</summary>
internal sealed class VmmWorker(IActorScheduler scheduler, CrossingHub hub) : IVmmWorker
{
    private readonly Queue<(CrossingContext Context, Action Work)> _queue = new();
    private bool _stopping;

    /// <summary>Whether it has done all its work and was told to stop.</summary>
    public bool HasEnded { get; private set; }

    public void Post(Action work) => _queue.Enqueue((hub.Capture(), work));

    /// <summary>Lets the worker end once its queue is empty.</summary>
    public void Stop() => _stopping = true;

    /// <summary>The task's body.</summary>
    public void Run()
    {
        while (true)
        {
            scheduler.WaitUntil(() => _queue.Count > 0 || _stopping, "work");
            if (!_queue.TryDequeue(out (CrossingContext Context, Action Work) next)) break;
            using ContextScope place = hub.Continue(next.Context);
            next.Work();
        }

        HasEnded = true;
    }
}
