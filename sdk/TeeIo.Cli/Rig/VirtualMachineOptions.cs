namespace TeeIo.Cli.Rig;

/// <summary>What is booted and run.</summary>
internal sealed record VirtualMachineOptions
{
    /// <summary>The command and its arguments; none for a shell.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Folders of the host that the guest may write to, at the same paths. All else of the host it can only read.</summary>
    public IReadOnlyList<string> Writable { get; init; } = [];

    /// <summary>Memory, in MiB.</summary>
    public int Memory { get; init; } = 1024;

    /// <summary>Devices beside the first edu device, as QEMU's -device takes them; <c>nvme</c> stands for an NVMe controller with an empty disk of 64 MiB.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>What is added to the kernel's command line.</summary>
    public string Append { get; init; } = "";

    /// <summary>After this time it is switched off.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where the kernel's messages go; they are kept if a file is named, and shown if something goes wrong.</summary>
    public string? Log { get; init; }
}
