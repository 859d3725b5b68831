using TeeIo.Boundaries;

namespace TeeIo.Platform.Hardware;

/// <summary>A vendor's part of KVM's exit handling: which of the guest's calls go to user space, and in which form.</summary>
public interface IExitEncoder
{
    /// <summary>Decides what becomes of a call that left the guest.</summary>
    /// <param name="vcpu">The vCPU that left the guest.</param>
    /// <param name="registers">What the guest shows; answers go here.</param>
    /// <param name="exit">The exit's area of the run structure, zeroed.</param>
    /// <returns>The exit reason for user space, or null where the kernel has answered by itself.</returns>
    uint? Encode(IExitingVcpu vcpu, ref RegisterFile registers, Span<byte> exit);

    /// <summary>Takes user space's answer from the run structure into the registers.</summary>
    /// <inheritdoc cref="Encode" path="/param"/>
    void Complete(IExitingVcpu vcpu, ref RegisterFile registers, ReadOnlySpan<byte> exit);
}
