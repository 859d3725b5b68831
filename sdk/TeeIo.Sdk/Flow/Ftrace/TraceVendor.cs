namespace TeeIo.Flow.Ftrace;

/// <summary>What a vendor brings so that a kernel's trace can be held against its flows.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="MachineType">KVM's machine type of its confidential VMs: a trace that makes one is this vendor's.</param>
/// <param name="Flows">Its flows, one for each profile.</param>
/// <param name="Probes">How its host's firmware calls look.</param>
/// <param name="Invariants">What its firmware calls must keep; none by default.</param>
public sealed record TraceVendor(
    string Name, uint MachineType, IReadOnlyList<FlowProfile> Flows, IReadOnlyList<FirmwareProbe> Probes, IReadOnlyList<ITraceInvariant> Invariants);
