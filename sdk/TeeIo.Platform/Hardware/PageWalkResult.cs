namespace TeeIo.Platform.Hardware;

/// <summary>What a walk of page tables finds.</summary>
public enum PageWalkResult
{
    /// <summary>A translation that allows the access.</summary>
    Mapped,

    /// <summary>Nothing: the kernel may map it and try again.</summary>
    NotMapped,

    /// <summary>A mapping that the guest hasn't accepted.</summary>
    Pending,

    /// <summary>A mapping that is blocked or doesn't allow the access.</summary>
    Denied,
}
