using TeeIo.Pci.Configuration;

namespace TeeIo.Platform.Devices;

/// <summary>The part of a function's configuration that a lock freezes.</summary>
internal readonly record struct Frozen(ulong Bar, ConfigCommand Command, ushort MsixControl, int PowerState, bool HasVirtualFunctions)
{
    /// <summary>Whether a locked function may not change so. To enable more than before is permitted.</summary>
    public bool IsViolatedBy(Frozen after, bool isMsixLocked) =>
        after.Bar != Bar || (Command & ~after.Command) != 0 || after.PowerState != PowerState || (isMsixLocked && after.MsixControl != MsixControl);
}
