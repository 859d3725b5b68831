namespace TeeIo.Tdx.Module.Devices;

/// <summary>How far the invalidation of a blocked entry is.</summary>
internal enum DmarInvalidation
{
    /// <summary>Not asked for.</summary>
    None,

    /// <summary>Asked for.</summary>
    Queued,

    /// <summary>No cache holds the entry any more.</summary>
    Done,
}
