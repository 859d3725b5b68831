using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module;

/// <summary>The module's own configuration and the fields that describe it.</summary>
internal sealed class SystemState(TdxModuleOptions options, KeyIds keys)
{
    private const TdxFeatures0 Supported = TdxFeatures0.Tdxconnect;

    private readonly (ulong Field, ulong Value)[] _fields =
    [
        (SeamcallConstants.Features0, (ulong)Supported),
        (SeamcallConstants.IdeMtPageCount, (ulong)options.IdeStreamPages),
        (SeamcallConstants.SpdmMtPageCount, (ulong)options.SpdmPages),
        (SeamcallConstants.IommuMtPageCount, (ulong)options.IommuPages),
        (SeamcallConstants.SpdmMaxDevInfoPages, (ulong)options.DeviceInfoPages),
    ];

    public bool IsReady { get; private set; }

    /// <summary>Whether trusted devices were switched on.</summary>
    public bool HasConnect { get; private set; }

    public Outcome Read(ulong field, out ulong next, out ulong value)
    {
        (next, value) = (ulong.MaxValue, 0);
        int index = field == ulong.MaxValue ? 0 : Array.FindIndex(_fields, candidate => candidate.Field == field);
        if (index < 0) return TdxStatus.MetadataFieldIdIncorrect;
        value = _fields[index].Value;
        if (index + 1 < _fields.Length) next = _fields[index + 1].Field;
        return Outcome.Success;
    }

    /// <summary>Configures the module. All of the machine's memory is one region here, so that no list of regions is taken.</summary>
    public Outcome Configure(ulong regionCount, ushort hkid, TdxFeatures0 features)
    {
        if (IsReady) return TdxStatus.SysConfigNotPending;
        if (regionCount != 0) return TdxStatus.InvalidTdmr;
        if (!keys.IsPrivate(hkid)) return Outcome.Invalid(TdxOperandId.R8);
        if ((features & ~Supported) != 0) return Outcome.Invalid(TdxOperandId.R9);
        keys.Own = hkid;
        HasConnect = features.HasFlag(TdxFeatures0.Tdxconnect);
        IsReady = true;
        return Outcome.Success;
    }
}
