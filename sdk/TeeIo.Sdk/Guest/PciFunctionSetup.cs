using TeeIo.Pci.Configuration;

namespace TeeIo.Guest;

/// <summary>What a guest's PCI core does with a function before its driver sees it.</summary>
public static class PciFunctionSetup
{
    private const uint BarMask = ConfigSpaceConstants.BarFlagsMask;

    /// <summary>Sizes the function's memory BARs, and switches its memory decoding and bus mastering on.</summary>
    /// <param name="machine">The guest's machine.</param>
    /// <param name="device">The function; its BARs are noted there.</param>
    public static void Enable(GuestMachine machine, GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(device);
        ushort id = device.RequesterId;
        for (int bar = 0; bar < device.BarBase.Length; bar++)
        {
            int register = (int)ConfigRegister.BaseAddress0 + (bar * sizeof(uint));
            uint address = machine.ReadConfig(id, register, sizeof(uint));
            machine.WriteConfig(id, register, sizeof(uint), uint.MaxValue);
            uint mask = machine.ReadConfig(id, register, sizeof(uint));
            machine.WriteConfig(id, register, sizeof(uint), address);
            (device.BarBase[bar], device.BarSize[bar]) = address == 0 ? (0UL, 0UL) : (address & ~BarMask, (ulong)~(mask & ~BarMask) + 1);
        }

        uint command = machine.ReadConfig(id, (int)ConfigRegister.Command, sizeof(ushort));
        machine.WriteConfig(id, (int)ConfigRegister.Command, sizeof(ushort), command | (uint)(ConfigCommand.Memory | ConfigCommand.Master));
    }
}
