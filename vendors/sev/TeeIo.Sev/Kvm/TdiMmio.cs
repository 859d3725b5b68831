namespace TeeIo.Sev.Kvm;

/// <summary>What a TDI brings to its VM.</summary>
/// <param name="pages">Host-physical addresses of the pages of its BARs.</param>
internal sealed class TdiMmio(IEnumerable<ulong> pages)
{
    /// <summary>Host-physical addresses of the pages of its BARs.</summary>
    public IReadOnlySet<ulong> Pages { get; } = pages.ToHashSet();

    /// <summary>Whether they may be mapped privately: from the end of the bind to the beginning of the unbind.</summary>
    public bool IsOpen { get; set; }
}
