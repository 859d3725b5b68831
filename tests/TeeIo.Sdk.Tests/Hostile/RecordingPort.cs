using TeeIo.Pci;
using TeeIo.Pci.IdeKm;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>A device's port that takes any key.</summary>
internal sealed class RecordingPort : IIdePort
{
    public PciAddress Address { get; } = new(0, 0x0100);

    public byte[] Capability { get; } = new byte[16];

    public bool HasStream(byte streamId) => true;

    public void Program(byte streamId, IdeKeySlot slot, ReadOnlySpan<byte> key)
    {
    }

    public bool Start(byte streamId, IdeKeySlot slot) => true;

    public void Stop(byte streamId, IdeKeySlot slot)
    {
    }
}
