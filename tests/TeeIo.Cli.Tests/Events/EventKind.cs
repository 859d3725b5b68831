using TeeIo.Guest;
using TeeIo.Platform.Scenarios;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Events;

/// <summary>Something that can happen at any scheduling point.</summary>
/// <param name="Name">What.</param>
internal sealed record EventKind(string Name)
{
    /// <summary>What the event's own task does at the moment; a number that differs from point to point comes with it.</summary>
    public Action<FlowStage, int>? Strike { get; init; }

    /// <summary>What another vCPU of the guest does at the moment, with the guest's driver and the device that the first vCPU drives.</summary>
    public Action<IGuestTsm, GuestDevice>? OnOtherVcpu { get; init; }

    /// <summary>Calls that fail from the moment on, and how.</summary>
    public FailingCalls? Failing { get; init; }

    /// <summary>What mends it before the next flow.</summary>
    public Action<FlowStage>? Repair { get; init; }

    /// <summary>Whether threads are torn out of whatever they are calling.</summary>
    public bool Kills { get; init; }

    public override string ToString() => Name;
}
