using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>A write to a function's configuration space, and what it does to the function besides changing bits. A write may cover part of a register, or several.</summary>
internal sealed class ConfigWrite
{
    public ConfigWrite(IPciFunction function, int offset, int size, uint value)
    {
        const int Command = (int)ConfigRegister.Command;
        const ConfigCommand Needed = ConfigCommand.Memory | ConfigCommand.Master;
        var before = (ConfigCommand)Read(function, Command);
        var after = (ConfigCommand)Merge(Command);
        if ((before & Needed & ~after) != 0) Disabled = after;
        if (Capabilities.Find(function, CapabilityId.Pm) is { } power)
        {
            int control = power + (int)PowerRegister.Ctrl;
            var state = (PowerState)(Merge(control) & ConfigSpaceConstants.PowerStateMask);
            if (state != (PowerState)(Read(function, control) & ConfigSpaceConstants.PowerStateMask)) NewPowerState = state;
        }

        if (Capabilities.Find(function, CapabilityId.Exp) is { } express)
        {
            var control = (ExpressDeviceControl)Merge(express + (int)ExpressRegister.Devctl);
            var capabilities = (ExpressDeviceCapabilities)function.ReadConfig(express + (int)ExpressRegister.Devcap, sizeof(uint));
            StartsReset = control.HasFlag(ExpressDeviceControl.BcrFlr) && capabilities.HasFlag(ExpressDeviceCapabilities.Flr);
        }

        ushort Merge(int register)
        {
            uint result = Read(function, register);
            for (int i = 0; i < sizeof(ushort); i++)
            {
                int at = register + i - offset;
                if (at < 0 || at >= size) continue;
                result = (result & ~(0xFFu << (8 * i))) | (((value >> (8 * at)) & 0xFF) << (8 * i));
            }

            return (ushort)result;
        }
    }

    /// <summary>Whether it starts a function level reset.</summary>
    public bool StartsReset { get; }

    /// <summary>The power state that it changes to, or null.</summary>
    public PowerState? NewPowerState { get; }

    /// <summary>Where it stops memory decoding or bus mastering, the command register afterwards.</summary>
    public ConfigCommand? Disabled { get; }

    /// <summary>Whether the function answers accesses to its memory BARs.</summary>
    public static bool DecodesMemory(IPciFunction function)
    {
        bool sleeps = Capabilities.Find(function, CapabilityId.Pm) is { } power
            && (PowerState)(Read(function, power + (int)PowerRegister.Ctrl) & ConfigSpaceConstants.PowerStateMask) == PowerState.D3hot;
        return !sleeps && ((ConfigCommand)Read(function, (int)ConfigRegister.Command)).HasFlag(ConfigCommand.Memory);
    }

    private static ushort Read(IPciFunction function, int register) => (ushort)function.ReadConfig(register, sizeof(ushort));
}
