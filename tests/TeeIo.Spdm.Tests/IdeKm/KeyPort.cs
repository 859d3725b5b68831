using TeeIo.Pci;
using TeeIo.Pci.IdeKm;

namespace TeeIo.Spdm.Tests.IdeKm;

/// <summary>A port with one stream that remembers which slots hold keys, and which are in use.</summary>
internal sealed class KeyPort : IIdePort
{
    public const byte Stream = 3;

    public PciAddress Address { get; } = new(0, 0x0108);

    public byte[] Capability { get; } = [0x30, 0x00, 0x01, 0x00, 0x11, 0x22, 0x33, 0x44];

    public Dictionary<IdeKeySlot, byte[]> Keys { get; } = [];

    public HashSet<IdeKeySlot> InUse { get; } = [];

    public bool HasStream(byte streamId) => streamId == Stream;

    public void Program(byte streamId, IdeKeySlot slot, ReadOnlySpan<byte> key) => Keys[slot] = key.ToArray();

    public bool Start(byte streamId, IdeKeySlot slot) => Keys.ContainsKey(slot) && (InUse.Add(slot) || true);

    public void Stop(byte streamId, IdeKeySlot slot)
    {
        Keys.Remove(slot);
        InUse.Remove(slot);
    }
}
