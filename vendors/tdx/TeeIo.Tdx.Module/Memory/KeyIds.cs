namespace TeeIo.Tdx.Module.Memory;

/// <summary>The memory keys that a TD can have. Key 0 is the host's, and the module keeps one for itself.</summary>
/// <param name="count">How many keys the machine has, key 0 included.</param>
internal sealed class KeyIds(int count)
{
    private readonly HashSet<ushort> _assigned = [];

    /// <summary>The module's own, once it is configured.</summary>
    public ushort Own { get; set; }

    public bool IsPrivate(ushort hkid) => hkid != 0 && hkid < count && hkid != Own;

    public bool IsFree(ushort hkid) => !_assigned.Contains(hkid);

    public void Assign(ushort hkid) => _assigned.Add(hkid);

    public void Free(ushort hkid) => _assigned.Remove(hkid);
}
