using EduDma;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>What a model of the edu device must know of it, out of its spec.</summary>
public static class EduIdentity
{
    /// <summary>Its vendor.</summary>
    public const uint VendorId = (uint)EduConstants.VendorId;

    /// <summary>Its number.</summary>
    public const uint DeviceId = (uint)EduConstants.DeviceId;

    /// <summary>Where it says what it is.</summary>
    public const ulong Identification = (ulong)EduRegister.Identification;

    /// <summary>Where it inverts what was written.</summary>
    public const ulong Liveness = (ulong)EduRegister.Liveness;
}
