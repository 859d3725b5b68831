using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>Which guests' traffic passes which root complex. A guest is fenced by default until a TDI of it runs there; an error fences it again, until the host clears the fence.</summary>
internal sealed class AsidFences
{
    private readonly Dictionary<(ushort RootPort, uint Asid), AsidFenceDma> _fences = [];

    public AsidFenceStatus this[ushort rootPort, uint asid]
    {
        get
        {
            AsidFenceDma dma = _fences.GetValueOrDefault((rootPort, asid), AsidFenceDma.Default);
            return new AsidFenceStatus { Dma = dma, Mmio = dma == AsidFenceDma.NotFenced ? AsidFenceMmio.NotFenced : AsidFenceMmio.Fenced };
        }
    }

    public bool IsOpen(ushort rootPort, uint asid) => this[rootPort, asid].Dma == AsidFenceDma.NotFenced;

    /// <summary>A TDI of the guest runs. What an error has fenced stays so.</summary>
    public void OpenDefault(ushort rootPort, uint asid) => _fences.TryAdd((rootPort, asid), AsidFenceDma.NotFenced);

    public void FenceForError(ushort rootPort, uint asid) => _fences[(rootPort, asid)] = AsidFenceDma.Error;

    public void Clear(ushort rootPort, uint asid) => _fences[(rootPort, asid)] = AsidFenceDma.NotFenced;

    /// <summary>The guest is gone: the next one of its ASID begins anew.</summary>
    public void Forget(uint asid)
    {
        foreach ((ushort RootPort, uint Asid) key in _fences.Keys.Where(key => key.Asid == asid).ToList()) _fences.Remove(key);
    }

    public void Reset() => _fences.Clear();
}
