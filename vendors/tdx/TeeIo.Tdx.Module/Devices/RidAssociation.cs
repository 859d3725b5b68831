using TeeIo.Boundaries;
using TeeIo.Tdx.IdeAssociation;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The requester ids behind an IDE stream, as PCIe's two association registers hold them.</summary>
/// <param name="First">The first one.</param>
/// <param name="Last">The last one.</param>
/// <param name="IsValid">Whether the registers are.</param>
internal readonly record struct RidAssociation(ushort First, ushort Last, bool IsValid)
{
    public static RidAssociation Read(ulong register1, ulong register2)
    {
        if (register1 > uint.MaxValue || register2 > uint.MaxValue) return default;
        IdeRidAssociation1 limit = RegisterBoundary.Unpack<IdeRidAssociation1>(register1);
        IdeRidAssociation2 range = RegisterBoundary.Unpack<IdeRidAssociation2>(register2);
        return new RidAssociation((ushort)range.RidBase, (ushort)limit.RidLimit, range.Valid != 0 && range.RidBase <= limit.RidLimit);
    }
}
