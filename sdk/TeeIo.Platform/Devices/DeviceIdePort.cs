using System.Buffers.Binary;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.ModelDevice;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Devices;

/// <summary>The device's port, as IDE_KM programs it. Any id names a stream, up to as many as there are.</summary>
/// <param name="address">The port's function.</param>
/// <param name="onLost">Told when a stream that was secure isn't any more.</param>
internal sealed class DeviceIdePort(PciAddress address, Action<byte> onLost) : IIdePort
{
    private readonly Dictionary<byte, IdeStream> _streams = [];

    public PciAddress Address { get; } = address;

    public byte[] Capability { get; } = BuildCapability();

    public IdeStream? Find(byte streamId) => _streams.GetValueOrDefault(streamId);

    public bool HasStream(byte streamId) => _streams.ContainsKey(streamId) || _streams.Count < ModelDeviceConstants.IdeStreams;

    public void Program(byte streamId, IdeKeySlot slot, ReadOnlySpan<byte> key)
    {
        if (!_streams.TryGetValue(streamId, out IdeStream? stream)) _streams.Add(streamId, stream = new IdeStream(streamId));
        byte[] copy = key.ToArray();
        Change(stream, s => s.Program(slot, copy));
    }

    public bool Start(byte streamId, IdeKeySlot slot) => _streams.TryGetValue(streamId, out IdeStream? stream) && stream.Start(slot);

    public void Stop(byte streamId, IdeKeySlot slot)
    {
        if (!_streams.TryGetValue(streamId, out IdeStream? stream)) return;
        Change(stream, s => s.Stop(slot));
        if (!stream.HasKeys) _streams.Remove(streamId);
    }

    public void Clear()
    {
        byte[] secure = [.. _streams.Values.Where(s => s.IsSecure).Select(s => s.Id)];
        _streams.Clear();
        foreach (byte id in secure) onLost(id);
    }

    /// <summary>Every stream becomes insecure; it needs new keys.</summary>
    public void Fail()
    {
        foreach (IdeStream stream in _streams.Values) Change(stream, s => s.Fail());
    }

    private void Change(IdeStream stream, Action<IdeStream> change)
    {
        bool wasSecure = stream.IsSecure;
        change(stream);
        if (wasSecure && !stream.IsSecure) onLost(stream.Id);
    }

    private static byte[] BuildCapability()
    {
        int size = ConfigSpaceConstants.IdeStreamBlockSize + ConfigSpaceConstants.IdeAddressBlockSize;
        byte[] capability = new byte[ConfigSpaceConstants.IdeLinkStream0 + (ModelDeviceConstants.IdeStreams * size)];
        uint header = (uint)ExtendedCapabilityId.Ide | (1u << ConfigSpaceConstants.ExtendedVersionShift);
        uint flags = (uint)(IdeCapabilities.Selective | IdeCapabilities.IdeKm) | ((uint)(ModelDeviceConstants.IdeStreams - 1) << ConfigSpaceConstants.IdeSelectiveCountShift);
        BinaryPrimitives.WriteUInt32LittleEndian(capability, header);
        BinaryPrimitives.WriteUInt32LittleEndian(capability.AsSpan((int)IdeRegister.Cap), flags);
        for (int i = 0; i < ModelDeviceConstants.IdeStreams; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(capability.AsSpan(ConfigSpaceConstants.IdeLinkStream0 + (i * size) + (int)IdeStreamRegister.Cap), 1);
        return capability;
    }
}
