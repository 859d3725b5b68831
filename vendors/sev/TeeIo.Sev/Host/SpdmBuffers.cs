using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Host;

/// <summary>The four buffers of one device's conversations.</summary>
internal sealed class SpdmBuffers
{
    private readonly SlaBuffer[] _all;

    private SpdmBuffers(SlaBuffer[] all) => _all = all;

    /// <summary>What the firmware says to the device.</summary>
    public SlaBuffer Request => _all[0];

    /// <summary>What the device answered. It is the host's.</summary>
    public SlaBuffer Response => _all[1];

    /// <summary>What a command gives.</summary>
    public SlaBuffer Output => _all[3];

    /// <summary>The buffers as a command names them.</summary>
    public SpdmCtrl Control => new() { Req = _all[0].Address, Resp = _all[1].Address, Scratch = _all[2].Address, Output = _all[3].Address };

    /// <summary>Takes buffers of the sizes that always do; null where memory is short.</summary>
    public static SpdmBuffers? Take(SevFirmware firmware, TioSizes sizes)
    {
        (int Size, bool IsFirmware)[] wanted = [(sizes.Request, true), (sizes.Response, false), (sizes.Scratch, true), (sizes.Output, true)];
        var taken = new List<SlaBuffer>();
        foreach ((int size, bool isFirmware) in wanted)
        {
            if (SlaBuffer.Take(firmware, size, isFirmware) is not { } buffer)
            {
                taken.ForEach(b => b.Return());
                return null;
            }

            taken.Add(buffer);
        }

        return new SpdmBuffers([.. taken]);
    }

    /// <summary>Grows each buffer that the firmware wants larger.</summary>
    /// <returns>False where it wants none to be, or one that it can't get.</returns>
    public bool TryGrow()
    {
        bool any = false;
        foreach (SlaBuffer buffer in _all)
        {
            if (!buffer.TryGrow(out bool hasGrown)) return false;
            any |= hasGrown;
        }

        return any;
    }

    /// <summary>Frees the buffers.</summary>
    /// <returns>False where the firmware keeps a page, which is in quarantine then.</returns>
    public bool Return()
    {
        bool all = true;
        foreach (SlaBuffer buffer in _all) all &= buffer.Return();
        return all;
    }
}
