using TeeIo.Boundaries;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Host;

/// <summary>How a command went.</summary>
/// <param name="Result">Success, or the error for the caller.</param>
/// <param name="Status">The firmware's last word; SPDM_REQUEST or EXPAND_BUFFER_LENGTH_REQUEST where the host gave up in between.</param>
internal readonly record struct RelayOutcome(SysResult Result, SevRet Status)
{
    /// <summary>Whether it did what was asked.</summary>
    public bool IsOk => Result.IsOk;

    /// <summary>Whether the firmware ended the command, well or not.</summary>
    public bool IsEnded => Status is not (SevRet.SpdmRequest or SevRet.ExpandBufferLengthRequest or SevRet.NoFwCall);
}
