namespace TeeIo.Pci.Spdm;

/// <summary>How the records of a session are made.</summary>
/// <param name="Suite">The algorithms.</param>
/// <param name="IsEncrypted">Whether they are encrypted, or only authenticated.</param>
/// <param name="Binding">The transport.</param>
/// <param name="Random">Where a record's random bytes come from.</param>
public sealed record SpdmRecords(SpdmSuite Suite, bool IsEncrypted, SpdmBinding Binding, Random Random)
{
    internal SpdmKeySchedule Keys { get; } = new(Suite.Hash, Suite.Version);

    internal int HeaderSize => Binding.HasSequence ? SpdmRecordSequenced.ByteSize : SpdmRecord.ByteSize;
}
