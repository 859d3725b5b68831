namespace TeeIo.Tdx.Host;

/// <summary>One try of a call that talks to the device.</summary>
/// <param name="length">The call's length: of the message for the device while it wants one carried, of its output when it is done.</param>
/// <returns>The status word.</returns>
internal delegate ulong RelayCall(out ulong length);
