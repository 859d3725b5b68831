using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>The buffers of a command that talks to the device.</summary>
/// <param name="Request">Takes the request; the firmware's.</param>
/// <param name="Response">Holds the response; the host's.</param>
/// <param name="Scratch">The firmware's memory for its work.</param>
/// <param name="Output">Takes what the command gives; the firmware's.</param>
internal sealed record BounceBuffers(SlaBuffer Request, SlaBuffer Response, SlaBuffer Scratch, SlaBuffer Output)
{
    /// <summary>Finds the buffers, each on pages of its own.</summary>
    public static SevRet Open(SpdmCtrl control, PhysicalMemory memory, FirmwarePages pages, ScatterLists lists, AmdSpOptions options, out BounceBuffers buffers)
    {
        buffers = null!;
        SevRet status = lists.ReadFirmware(control.Req, options.RequestSizeMin, out ulong[] request);
        if (status != SevRet.Success) return status;
        status = lists.Read(control.Resp, out ulong[] response);
        if (status != SevRet.Success) return status;
        foreach (ulong page in response)
        {
            status = pages.CheckHost(page);
            if (status != SevRet.Success) return status;
        }

        ulong[] output = [];
        status = lists.ReadFirmware(control.Scratch, options.ScratchSizeMin, out ulong[] scratch);
        if (status == SevRet.Success) status = lists.ReadFirmware(control.Output, options.OutputSizeMin, out output);
        if (status != SevRet.Success) return status;
        ulong[] all = [.. request, .. response, .. scratch, .. output];
        if (all.Distinct().Count() != all.Length) return SevRet.InvalidAddress;

        buffers = new BounceBuffers(new SlaBuffer(memory, request), new SlaBuffer(memory, response), new SlaBuffer(memory, scratch), new SlaBuffer(memory, output));
        foreach (SlaBuffer buffer in new[] { buffers.Request, buffers.Response, buffers.Scratch, buffers.Output })
        {
            status = buffer.Open();
            if (status != SevRet.Success) return status;
        }

        return SevRet.Success;
    }
}
