namespace TeeIo.Tdx.Guest;

/// <summary>What a guest knows about a device from one bind.</summary>
/// <param name="session">The number that the module gave to the bind.</param>
internal sealed class TdxGuestBind(ulong session)
{
    /// <summary>The number that the module gave to the bind. Another one means another bind, of which nothing here is true.</summary>
    public ulong Session { get; } = session;

    /// <summary>Whether the device information verified.</summary>
    public bool HasDeviceInfo { get; set; }

    /// <summary>The interface report that verified; empty before.</summary>
    public byte[] Report { get; set; } = [];
}
