using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Host;

/// <summary>How much memory the firmware wants for what, in bytes.</summary>
/// <param name="Request">A request buffer.</param>
/// <param name="Response">A response buffer.</param>
/// <param name="Scratch">Scratch memory.</param>
/// <param name="Output">An output buffer.</param>
/// <param name="DeviceContext">A device's context.</param>
/// <param name="TdiContext">A TDI's context.</param>
internal sealed record TioSizes(int Request, int Response, int Scratch, int Output, int DeviceContext, int TdiContext)
{
    /// <summary>Takes the sizes from a status; null where one of them is none that a list of pages can have.</summary>
    public static TioSizes? From(in TioStatus status)
    {
        uint[] buffers = [status.SpdmReqSizeMax, status.SpdmRspSizeMax, status.SpdmScratchSizeMax, status.SpdmOutSizeMax];
        uint[] contexts = [status.DevctxSize, status.TdictxSize];
        if (!Array.TrueForAll(buffers, s => s > SlaBuffer.MinSize && s <= SlaPages.MaxSize) || !Array.TrueForAll(contexts, s => s is > 0 and <= SlaPages.MaxSize)) return null;
        return new TioSizes((int)buffers[0], (int)buffers[1], (int)buffers[2], (int)buffers[3], (int)contexts[0], (int)contexts[1]);
    }
}
