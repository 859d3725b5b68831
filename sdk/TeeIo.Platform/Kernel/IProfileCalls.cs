using TeeIo.Boundaries;
using TeeIo.Flow;

namespace TeeIo.Platform.Kernel;

/// <summary>The calls that a profile adds to those that are upstream, on one kind of file.</summary>
internal interface IProfileCalls
{
    /// <summary>Whether <paramref name="request"/> is one of them.</summary>
    bool Handles(uint request);

    /// <summary>Serves one of them.</summary>
    SysResult Dispatch(CrossingHub hub, uint request, scoped in IoctlFrame frame);
}
