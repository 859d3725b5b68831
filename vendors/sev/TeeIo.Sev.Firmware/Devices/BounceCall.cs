using System.Runtime.InteropServices;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>A command that talks to the device, by everything that must be the same each time it is issued.</summary>
/// <param name="Command">The command.</param>
/// <param name="Argument">Its buffer, without the SLAs of its buffers.</param>
/// <param name="Buffers">Its buffers.</param>
/// <param name="Tdi">The TDI that it is about, or null.</param>
internal sealed record BounceCall(SevCmd Command, byte[] Argument, SpdmCtrl Buffers, TdiContext? Tdi)
{
    /// <summary>Makes a call out of a command's buffer whose SLAs were taken out.</summary>
    public static BounceCall Of<T>(SevCmd command, T argument, SpdmCtrl buffers, TdiContext? tdi = null)
        where T : unmanaged => new(command, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in argument)).ToArray(), buffers, tdi);

    /// <summary>Whether <paramref name="other"/> is the same command on the same object.</summary>
    public bool Continues(BounceCall other) => Command == other.Command && Tdi == other.Tdi;

    /// <summary>Whether <paramref name="other"/> repeats this one.</summary>
    /// <param name="other">The call as it is issued now.</param>
    /// <param name="mayGrow">Whether scratch and output may have moved, because they were asked to grow.</param>
    public bool IsRepeatedBy(BounceCall other, bool mayGrow)
    {
        bool isSame = Continues(other) && Argument.AsSpan().SequenceEqual(other.Argument) && Buffers.Req == other.Buffers.Req && Buffers.Resp == other.Buffers.Resp;
        return isSame && (mayGrow || (Buffers.Scratch == other.Buffers.Scratch && Buffers.Output == other.Buffers.Output));
    }
}
