using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Host;

/// <summary>Issues a command that may have something to say to the device. Issued again, it must send the same bytes.</summary>
/// <param name="buffers">The buffers that it names.</param>
/// <returns>The command's status.</returns>
internal delegate SevRet SpdmCommand(SpdmCtrl buffers);
