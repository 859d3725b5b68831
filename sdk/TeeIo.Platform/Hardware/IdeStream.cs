using System.Security.Cryptography;
using TeeIo.Pci.IdeKm;

namespace TeeIo.Platform.Hardware;

/// <summary>One end of an IDE stream: the keys that were put into it, and which are in use. Keys are compared, not used: the model's link carries no bytes to encrypt.</summary>
/// <param name="id">The stream's id on the link.</param>
public sealed class IdeStream(byte id)
{
    private readonly Dictionary<IdeKeySlot, byte[]> _keys = [];
    private readonly HashSet<IdeKeySlot> _started = [];

    /// <summary>The stream's id on the link.</summary>
    public byte Id { get; } = id;

    /// <summary>Whether it was blocked.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Whether a whole key set is in use.</summary>
    public bool IsSecure => !IsBlocked && (IsStarted(0) || IsStarted(1));

    /// <summary>Whether any slot holds a key.</summary>
    public bool HasKeys => _keys.Count > 0;

    /// <summary>Puts a key into a slot. The key in use stays in use only if it isn't replaced.</summary>
    public void Program(IdeKeySlot slot, ReadOnlySpan<byte> key)
    {
        _started.Remove(slot);
        _keys[slot] = key.ToArray();
    }

    /// <summary>Starts to use a key; false where the slot holds none.</summary>
    public bool Start(IdeKeySlot slot)
    {
        if (!_keys.ContainsKey(slot)) return false;
        _started.Add(slot);
        return true;
    }

    /// <summary>Stops to use a key, and forgets it.</summary>
    public void Stop(IdeKeySlot slot)
    {
        _started.Remove(slot);
        if (_keys.Remove(slot, out byte[]? key)) CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>It fails: no key is in use any more, and new ones must be programmed before it is secure again.</summary>
    public void Fail()
    {
        foreach (byte[] key in _keys.Values) CryptographicOperations.ZeroMemory(key);
        _keys.Clear();
        _started.Clear();
    }

    /// <summary>Blocks it: nothing passes any more.</summary>
    public void Block() => IsBlocked = true;

    /// <summary>Whether TLPs pass between this end and <paramref name="other"/>: both have a key set in use whose keys are the same.</summary>
    public bool Passes(IdeStream other) => !IsBlocked && !other.IsBlocked && (Matches(other, 0) || Matches(other, 1));

    private bool IsStarted(byte keySet) => IdeKeySlot.OfKeySet(keySet).All(_started.Contains);

    private bool Matches(IdeStream other, byte keySet) =>
        IsStarted(keySet) && other.IsStarted(keySet)
        && IdeKeySlot.OfKeySet(keySet).All(slot => CryptographicOperations.FixedTimeEquals(_keys[slot], other._keys[slot.Opposite]));
}
