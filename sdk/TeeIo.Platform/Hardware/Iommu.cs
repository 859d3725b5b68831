namespace TeeIo.Platform.Hardware;

/// <summary>The machine's IOMMU: a request without the T bit goes through the device's domain to unencrypted memory, one with it through the trusted tables only.</summary>
/// <param name="memory">The memory behind it.</param>
public sealed class Iommu(PhysicalMemory memory)
{
    private readonly Dictionary<ushort, IDmaDomain> _domains = [];
    private readonly List<Action<DmaTranslation>> _observers = [];
    private IConfidentialCpu? _trusted;

    /// <summary>First address of the window that interrupts use; no mapping can be there.</summary>
    public const ulong InterruptWindow = 0xFEE0_0000;

    /// <summary>Bytes of the window that interrupts use.</summary>
    public const ulong InterruptWindowLength = 0x10_0000;

    /// <summary>Last address that it translates.</summary>
    public const ulong LastAddress = (1UL << 48) - 1;

    /// <summary>Requests that found no translation and were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Gives it the trusted tables that its vendor's firmware keeps.</summary>
    public void Trust(IConfidentialCpu trusted) => _trusted = trusted;

    /// <summary>Tells <paramref name="observer"/> of every request that it lets through, page by page and before it arrives.</summary>
    public void Observe(Action<DmaTranslation> observer) => _observers.Add(observer);

    /// <summary>Puts a requester's ordinary DMA behind <paramref name="domain"/>; null blocks it.</summary>
    public void Attach(ushort rid, IDmaDomain? domain)
    {
        if (domain is null) _domains.Remove(rid);
        else _domains[rid] = domain;
    }

    /// <summary>Whether a requester's ordinary DMA goes anywhere.</summary>
    public bool IsAttached(ushort rid) => _domains.ContainsKey(rid);

    /// <summary>A device reads.</summary>
    /// <returns>False where the request was dropped; the bytes are all ones then.</returns>
    public bool Read(ushort rid, ulong address, Span<byte> destination, bool tee)
    {
        for (int done = 0; done < destination.Length;)
        {
            int count = PieceLength(address, destination.Length - done);
            if (Translate(rid, address, isWrite: false, tee) is not { } at)
            {
                destination.Fill(0xFF);
                Dropped++;
                return false;
            }

            Span<byte> piece = destination.Slice(done, count);
            if (memory.IsMmio(at.HostAddress)) memory.ReadMmio(at.HostAddress, piece, tee);
            else memory.Read(at.HostAddress, piece, at.Key);
            address += (ulong)count;
            done += count;
        }

        return true;
    }

    /// <summary>A device writes.</summary>
    /// <returns>False where the request was dropped, from the first page on that has no translation.</returns>
    public bool Write(ushort rid, ulong address, ReadOnlySpan<byte> source, bool tee)
    {
        while (source.Length > 0)
        {
            int count = PieceLength(address, source.Length);
            if (Translate(rid, address, isWrite: true, tee) is not { } at)
            {
                Dropped++;
                return false;
            }

            if (memory.IsMmio(at.HostAddress)) memory.WriteMmio(at.HostAddress, source[..count], tee);
            else memory.Write(at.HostAddress, source[..count], at.Key);
            address += (ulong)count;
            source = source[count..];
        }

        return true;
    }

    private static int PieceLength(ulong address, int length) => Math.Min(length, PhysicalMemory.PageSize - (int)(address % PhysicalMemory.PageSize));

    private PageWalk? Translate(ushort rid, ulong address, bool isWrite, bool tee)
    {
        PageWalk walk;
        if (tee) walk = _trusted?.WalkTrustedDma(rid, address, isWrite) ?? PageWalk.Without(PageWalkResult.NotMapped);
        else if (_domains.TryGetValue(rid, out IDmaDomain? domain) && domain.TryTranslate(address, isWrite, out ulong hpa)) walk = new PageWalk(PageWalkResult.Mapped, hpa, KeyId.Shared);
        else return null;
        if (walk.Result != PageWalkResult.Mapped || !(memory.IsMemory(walk.HostAddress) || memory.IsMmio(walk.HostAddress))) return null;
        foreach (Action<DmaTranslation> observer in _observers) observer(new DmaTranslation(rid, address, isWrite, tee, walk));
        return walk;
    }
}
