using System.Buffers.Binary;
using TeeIo.Pci.Configuration;

namespace TeeIo.Platform.Devices;

/// <summary>Bytes of a function's configuration space, and which of their bits software can write.</summary>
internal sealed class ConfigurationSpace
{
    private readonly byte[] _values = new byte[ConfigSpaceConstants.Size];
    private readonly byte[] _writable = new byte[ConfigSpaceConstants.Size];

    public byte Byte(int offset) => _values[offset];

    public ushort Word(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_values.AsSpan(offset));

    public uint Dword(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_values.AsSpan(offset));

    public void SetByte(int offset, byte value) => _values[offset] = value;

    public void SetWord(int offset, ushort value, ushort writable = 0)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_values.AsSpan(offset), value);
        BinaryPrimitives.WriteUInt16LittleEndian(_writable.AsSpan(offset), writable);
    }

    public void SetDword(int offset, uint value, uint writable = 0)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_values.AsSpan(offset), value);
        BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(offset), writable);
    }

    public void Set(int offset, ReadOnlySpan<byte> values) => values.CopyTo(_values.AsSpan(offset));

    /// <summary>Adds a capability: its header, and where the one before it points.</summary>
    public void AddCapability(int pointer, int offset, CapabilityId id)
    {
        SetByte(offset + (int)CapabilityRegister.ListId, (byte)id);
        SetByte(pointer, (byte)offset);
    }

    /// <summary>Reads 1, 2 or 4 bytes; all ones where that isn't aligned or inside.</summary>
    public uint Read(int offset, int size)
    {
        if (!IsAccess(offset, size)) return uint.MaxValue;
        uint value = 0;
        for (int i = 0; i < size; i++) value |= (uint)_values[offset + i] << (8 * i);
        return value;
    }

    /// <summary>Writes the writable bits of 1, 2 or 4 bytes.</summary>
    public void Write(int offset, int size, uint value)
    {
        if (!IsAccess(offset, size)) return;
        for (int i = 0; i < size; i++)
        {
            byte mask = _writable[offset + i];
            _values[offset + i] = (byte)((_values[offset + i] & ~mask) | ((byte)(value >> (8 * i)) & mask));
        }
    }

    private static bool IsAccess(int offset, int size) => size is 1 or 2 or 4 && offset >= 0 && offset % size == 0 && offset + size <= ConfigSpaceConstants.Size;
}
