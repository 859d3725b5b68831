using TeeIo.Linux.Seed202505;

namespace TeeIo.Platform;

/// <summary>How large a software machine is.</summary>
public sealed record SoftwareMachineOptions
{
    /// <summary>The kernel's profile, one of <see cref="Kernel.SoftwareKernel.Profiles"/>.</summary>
    public string Profile { get; init; } = Seed202505Profile.Name;

    /// <summary>Seed of all its randomness.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Pages of memory.</summary>
    public int MemoryPages { get; init; } = 4096;

    /// <summary>Virtual functions of its device.</summary>
    public int VirtualFunctions { get; init; } = 2;

    /// <summary>Selective IDE streams of its root port.</summary>
    public int IdeStreams { get; init; } = 2;
}
