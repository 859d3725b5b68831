namespace TeeIo.Platform.Hardware;

/// <summary>The result of a walk.</summary>
/// <param name="Result">What was found.</param>
/// <param name="HostAddress">Host-physical address of the byte; 0 unless mapped.</param>
/// <param name="Key">The memory key to access it with.</param>
public readonly record struct PageWalk(PageWalkResult Result, ulong HostAddress, KeyId Key)
{
    /// <summary>A walk that found no translation.</summary>
    public static PageWalk Without(PageWalkResult result) => new(result, 0, KeyId.Shared);
}
