using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;

namespace TeeIo.Cli.LinuxFlow;

/// <summary>The real kernel, with its side of each call in the trace and the guest's place in it at each exit.</summary>
/// <param name="inner">What carries the calls.</param>
/// <param name="hub">Where crossings are reported.</param>
internal sealed class LinuxKernel(IoctlTransport inner, CrossingHub hub) : ObservedKernel(inner, hub)
{
    /// <summary>The guest that runs.</summary>
    public DoorbellGuest? Guest { get; set; }

    /// <inheritdoc/>
    public override CrossingContext ExitContext(Fd fd) => Guest?.Place ?? default;
}
