namespace TeeIo.Tdx.Module.Devices;

/// <summary>Whether an entry of the trusted DMA tables translates.</summary>
internal enum DmarMapping
{
    /// <summary>The guest hasn't accepted it.</summary>
    Pending,

    /// <summary>It does.</summary>
    Present,

    /// <summary>It doesn't any more.</summary>
    Blocked,
}
