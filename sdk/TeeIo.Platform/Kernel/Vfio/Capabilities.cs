using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>Finds capabilities in a function's configuration space. The list is the device's: it may loop or lead nowhere.</summary>
internal static class Capabilities
{
    /// <summary>Offset of the first capability with an id, or null.</summary>
    public static int? Find(IPciFunction function, CapabilityId id)
    {
        if (!((ConfigStatus)function.ReadConfig((int)ConfigRegister.Status, sizeof(ushort))).HasFlag(ConfigStatus.CapList)) return null;
        int offset = (int)function.ReadConfig((int)ConfigRegister.CapabilityList, sizeof(byte));
        for (int left = ConfigSpaceConstants.LegacySize / sizeof(uint); left > 0; left--)
        {
            // A capability is aligned to a dword and lies behind the header.
            offset = offset / sizeof(uint) * sizeof(uint);
            if (offset < (int)ConfigRegister.InterruptLine) return null;
            if (function.ReadConfig(offset + (int)CapabilityRegister.ListId, sizeof(byte)) == (uint)id) return offset;
            offset = (int)function.ReadConfig(offset + (int)CapabilityRegister.ListNext, sizeof(byte));
        }

        return null;
    }
}
