using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Kvm;

/// <summary>An SNP guest, and what KVM has given to it.</summary>
/// <param name="context">Host-physical address of its context page.</param>
/// <param name="asid">Its ASID.</param>
public sealed class SevVm(ulong context, uint asid)
{
    private readonly List<GuestMessage> _announced = [];

    /// <summary>Host-physical address of its context page, by which the firmware knows it.</summary>
    public ulong Context { get; } = context;

    /// <summary>Its ASID, by which the reverse map table knows it.</summary>
    public uint Asid { get; } = asid;

    /// <summary>TDIs that are bound to it, or being bound, or could not be taken away.</summary>
    public int TdiCount => Tdis.Count;

    /// <summary>Those of them that could not be taken away. The guest stays with the firmware for good then.</summary>
    internal int StrandedTdis { get; set; }

    /// <summary>Its private memory: host-physical address by guest-physical.</summary>
    internal SortedDictionary<ulong, ulong> Memory { get; } = [];

    /// <summary>Its private MMIO by guest-physical address.</summary>
    internal SortedDictionary<ulong, PrivateMmio> Mmio { get; } = [];

    /// <summary>Its TDIs.</summary>
    internal Dictionary<TsmFunction, TdiMmio> Tdis { get; } = [];

    /// <summary>The page of its secrets, which is the driver's own; 0 where there is none.</summary>
    internal ulong Secrets { get; set; }

    /// <summary>Says that the guest has left the CPU with a message, which the host's TSM driver may pass on until the exit is answered.</summary>
    /// <param name="reqSpa">Host-physical address of the page with the request.</param>
    /// <param name="rspSpa">Host-physical address of the page for the response.</param>
    /// <returns>To be disposed of when the exit is answered.</returns>
    public IDisposable Announce(ulong reqSpa, ulong rspSpa)
    {
        var message = new GuestMessage(reqSpa, rspSpa, _announced);
        _announced.Add(message);
        return message;
    }

    /// <summary>Whether an exit with these pages is still open.</summary>
    /// <param name="reqSpa">Host-physical address of the page with the request.</param>
    /// <param name="rspSpa">Host-physical address of the page for the response.</param>
    public bool IsAnnounced(ulong reqSpa, ulong rspSpa) => _announced.Exists(m => m.RequestPage == reqSpa && m.ResponsePage == rspSpa);

    /// <summary>Translates by its nested page tables.</summary>
    internal bool TryTranslate(ulong gpa, out ulong hpa)
    {
        ulong offset = gpa % RmpConstants.PageSize;
        bool isMapped = Memory.TryGetValue(gpa - offset, out hpa);
        if (!isMapped && Mmio.TryGetValue(gpa - offset, out PrivateMmio? mmio) && mmio.IsMapped) (isMapped, hpa) = (true, mmio.Hpa);
        if (isMapped) hpa += offset;
        return isMapped;
    }

    private sealed class GuestMessage(ulong requestPage, ulong responsePage, List<GuestMessage> open) : IDisposable
    {
        public ulong RequestPage { get; } = requestPage;

        public ulong ResponsePage { get; } = responsePage;

        public void Dispose() => open.Remove(this);
    }
}
