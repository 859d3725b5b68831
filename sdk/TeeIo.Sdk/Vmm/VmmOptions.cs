namespace TeeIo.Vmm;

/// <summary>How a VMM lays out its VM.</summary>
public sealed record VmmOptions
{
    /// <summary>Name of the VM in traces.</summary>
    public required string Name { get; init; }

    /// <summary>Number of the VM, from 1.</summary>
    public required ulong Id { get; init; }

    /// <summary>KVM's machine type.</summary>
    public required uint MachineType { get; init; }

    /// <summary>Number of vCPUs.</summary>
    public int Vcpus { get; init; } = 2;

    /// <summary>Bytes of memory, from guest-physical address 0.</summary>
    public ulong MemorySize { get; init; } = 1 << 20;

    /// <summary>Guest-physical address of the configuration space window (ECAM).</summary>
    public ulong ConfigWindow { get; init; } = 0xB000_0000;

    /// <summary>Guest-physical address from which device BARs are placed.</summary>
    public ulong MmioWindow { get; init; } = 0xC000_0000;

    /// <summary>What the vCPUs start from: whole pages that end at 4 GiB, never private, with the guest's memory reached by KVM's own hypercalls. Empty where the kernel brings the guest's program.</summary>
    public ReadOnlyMemory<byte> Firmware { get; init; }
}
