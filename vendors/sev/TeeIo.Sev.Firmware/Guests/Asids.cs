using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>The ASIDs of SNP guests. One that was used isn't used again before the caches were written back and the data fabric was flushed.</summary>
/// <param name="memory">Whose keys they are.</param>
/// <param name="options">How many there are, and whether writing back is waited for.</param>
internal sealed class Asids(PhysicalMemory memory, AmdSpOptions options)
{
    private readonly HashSet<uint> _unflushed = [];
    private bool _isFlushed;
    private bool _isWrittenBack;

    public bool IsValid(uint asid) => asid != 0 && asid <= options.MaxAsid;

    /// <summary>Begins anew: SNP was initialised.</summary>
    public void Reset()
    {
        _unflushed.Clear();
        (_isFlushed, _isWrittenBack) = (false, false);
    }

    /// <summary>WBINVD on all CPUs.</summary>
    public void WriteBack() => _isWrittenBack = true;

    public SevRet Flush()
    {
        if (options.NeedsWriteBack && !_isWrittenBack) return SevRet.WbinvdRequired;
        _unflushed.Clear();
        _isFlushed = true;
        return SevRet.Success;
    }

    /// <summary>Whether nothing of an old guest can be in a cache any more.</summary>
    public bool IsFlushed => _isFlushed && _unflushed.Count == 0;

    /// <summary>Takes an ASID into use, with a new key.</summary>
    public SevRet Take(uint asid)
    {
        if (!_isFlushed || _unflushed.Contains(asid)) return SevRet.DfflushRequired;
        memory.ReplaceKey(new KeyId((ushort)asid));
        return SevRet.Success;
    }

    public void Leave(uint asid)
    {
        _unflushed.Add(asid);
        _isWrittenBack = false;
    }
}
