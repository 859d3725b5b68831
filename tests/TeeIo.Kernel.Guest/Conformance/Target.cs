using TeeIo.Boundaries;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>A kernel that scripts run on, and what they must know of the machine under it.</summary>
public abstract class Target
{
    /// <summary>Carries the calls.</summary>
    public abstract IoctlTransport Transport { get; }

    /// <summary>VFIO's node of one edu device.</summary>
    public virtual string Device => EduDevice.First;

    /// <summary>VFIO's node of another one.</summary>
    public virtual string OtherDevice => EduDevice.Second;

    /// <summary>Puts a program where the next VM's processor begins. Not recorded: it is the machine's, not a script's.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="program">What its processor does.</param>
    /// <returns>What must be kept while the VM runs.</returns>
    public abstract IDisposable Load(Fd vm, IReadOnlyList<GuestStep> program);
}
