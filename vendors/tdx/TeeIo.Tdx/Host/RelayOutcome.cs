using TeeIo.Boundaries;

namespace TeeIo.Tdx.Host;

/// <summary>How a conversation with a device ended.</summary>
/// <param name="Result">Success, or the errno.</param>
/// <param name="Status">The module's last word.</param>
/// <param name="Length">On success: the length that the call returned.</param>
internal readonly record struct RelayOutcome(SysResult Result, StatusWord Status, ulong Length)
{
    public bool IsOk => Result.IsOk;
}
