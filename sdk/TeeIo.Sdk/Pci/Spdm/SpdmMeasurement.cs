namespace TeeIo.Pci.Spdm;

/// <summary>One measurement of a responder.</summary>
/// <param name="Index">Its number, from 1 to 0xFE.</param>
/// <param name="Type">What is measured.</param>
/// <param name="Content">What was measured; it travels as it is if <paramref name="IsRaw"/>, else as its digest.</param>
/// <param name="IsRaw">Whether it travels as it is.</param>
public sealed record SpdmMeasurement(byte Index, MeasurementType Type, ReadOnlyMemory<byte> Content, bool IsRaw = false)
{
    /// <summary>Whether it belongs to what the device must be trusted for.</summary>
    public bool IsTcb => Type is MeasurementType.ImmutableRom or MeasurementType.MutableFirmware;

    /// <summary>The measurement as it travels.</summary>
    /// <param name="hash">The negotiated hash algorithm of measurements; null where they all travel as they are.</param>
    public byte[] ToBlock(SpdmHash? hash)
    {
        bool isRaw = IsRaw || hash is null;
        ReadOnlySpan<byte> value = isRaw ? Content.Span : hash!.Digest(Content.Span);
        byte[] block = new byte[SpdmMeasurementBlock.ByteSize + value.Length];
        new SpdmMeasurementBlock
        {
            Index = Index,
            Specification = SpdmConstants.MeasurementSpecificationDmtf,
            Size = (ushort)(SpdmConstants.MeasurementHeadSize + value.Length),
            ValueType = isRaw ? Type | (MeasurementType)SpdmConstants.MeasurementIsRaw : Type,
            ValueSize = (ushort)value.Length,
        }.Write(block);
        value.CopyTo(block.AsSpan(SpdmMeasurementBlock.ByteSize));
        return block;
    }

    /// <summary>Takes a record of blocks apart. A digest's measurement has the digest as its content.</summary>
    /// <returns>False where the blocks don't fill the record, or aren't of DMTF's format.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> record, out List<SpdmMeasurement> measurements)
    {
        measurements = [];
        while (!record.IsEmpty)
        {
            if (!SpdmMeasurementBlock.TryRead(record.Span, out SpdmMeasurementBlock block) || block.Specification != SpdmConstants.MeasurementSpecificationDmtf) return false;
            if (block.Size != SpdmConstants.MeasurementHeadSize + block.ValueSize || block.ValueSize > record.Length - SpdmMeasurementBlock.ByteSize) return false;
            bool isRaw = ((byte)block.ValueType & SpdmConstants.MeasurementIsRaw) != 0;
            ReadOnlyMemory<byte> value = record.Slice(SpdmMeasurementBlock.ByteSize, block.ValueSize);
            measurements.Add(new SpdmMeasurement(block.Index, (MeasurementType)((byte)block.ValueType & ~SpdmConstants.MeasurementIsRaw), value, isRaw));
            record = record[(SpdmMeasurementBlock.ByteSize + block.ValueSize)..];
        }

        return true;
    }
}
