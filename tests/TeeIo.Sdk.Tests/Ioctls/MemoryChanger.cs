using TeeIo.Flow;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>Another thread of the caller: it changes the caller's memory when the callee has been handed the call, just before it looks at what it was handed.</summary>
internal sealed class MemoryChanger(Action change) : ICrossingObserver
{
    public CrossingHub Hub => field ??= new CrossingHub([this]);

    public void Opened(Crossing crossing) => change();

    public void Closed(Crossing crossing)
    {
    }
}
