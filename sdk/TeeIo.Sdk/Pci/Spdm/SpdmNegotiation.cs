using System.Numerics;

namespace TeeIo.Pci.Spdm;

/// <summary>The messages in which both ends settle on what they use.</summary>
internal static class SpdmNegotiation
{
    /// <summary>Bytes of GET_CAPABILITIES or CAPABILITIES.</summary>
    public static int CapabilitiesSize(byte version) => version < SpdmConstants.Version12 ? SpdmGetCapabilities11.ByteSize : SpdmCapabilitiesMessage.ByteSize;

    /// <summary>Writes what follows the header of GET_CAPABILITIES or CAPABILITIES.</summary>
    public static void WriteCapabilities(SpdmWriter message, byte version, SpdmMessage code, SpdmCapabilities flags, SpdmEndOptions options)
    {
        message.Begin();
        Span<byte> destination = message.Take(CapabilitiesSize(version));
        Span<byte> whole = stackalloc byte[SpdmCapabilitiesMessage.ByteSize];
        new SpdmCapabilitiesMessage
        {
            Header = new SpdmHeader { Version = version, Code = code },
            CtExponent = options.TimeoutExponent,
            Flags = flags & SpdmCapabilityRules.Of(version, code == SpdmMessage.GetCapabilities),
            DataTransferSize = (uint)options.DataTransferSize,
            MaxMessageSize = (uint)(version < SpdmConstants.Version12 ? options.DataTransferSize : options.MaxMessageSize),
        }.Write(whole);
        whole[..destination.Length].CopyTo(destination);
    }

    /// <summary>Reads GET_CAPABILITIES or CAPABILITIES; null where its fields contradict each other.</summary>
    public static SpdmCapabilitiesMessage? ReadCapabilities(ReadOnlySpan<byte> message, byte version, out int length)
    {
        length = CapabilitiesSize(version);
        if (message.Length < length) return null;
        Span<byte> whole = stackalloc byte[SpdmCapabilitiesMessage.ByteSize];
        message[..length].CopyTo(whole);
        SpdmCapabilitiesMessage.TryRead(whole, out SpdmCapabilitiesMessage read);
        if (version < SpdmConstants.Version12) (read.DataTransferSize, read.MaxMessageSize) = (uint.MaxValue, uint.MaxValue);
        bool isWhole = read.DataTransferSize == read.MaxMessageSize;
        bool fits = read.DataTransferSize >= SpdmConstants.MinDataTransferSize && read.DataTransferSize <= read.MaxMessageSize;
        bool isPossible = fits && (isWhole || read.Flags.HasFlag(SpdmCapabilities.ChunkCap)) && read.CtExponent <= SpdmConstants.MaxCtExponent;
        return isPossible ? read : null;
    }

    /// <summary>Writes NEGOTIATE_ALGORITHMS.</summary>
    /// <param name="message">Receives it.</param>
    /// <param name="version">The version.</param>
    /// <param name="offer">What this end is willing to use.</param>
    /// <param name="own">Signature algorithms that this end has keys of; 0 where it doesn't authenticate itself.</param>
    public static void WriteOffer(SpdmWriter message, byte version, SpdmAlgorithmSet offer, BaseAsym own)
    {
        SpdmAlgorithmTable[] tables =
        [
            Table(AlgorithmType.Dhe, (ushort)offer.Groups), Table(AlgorithmType.Aead, (ushort)offer.Ciphers),
            .. own == 0 ? Array.Empty<SpdmAlgorithmTable>() : [Table(AlgorithmType.ReqAsym, (ushort)own)],
            Table(AlgorithmType.KeySchedule, (ushort)KeySchedule.Spdm),
        ];
        message.Begin();
        new SpdmNegotiateAlgorithms14
        {
            Header = new SpdmHeader { Version = version, Code = SpdmMessage.NegotiateAlgorithms, Param1 = (byte)tables.Length },
            Length = (ushort)(SpdmNegotiateAlgorithms14.ByteSize + (tables.Length * SpdmAlgorithmTable.ByteSize)),
            MeasurementSpecification = SpdmConstants.MeasurementSpecificationDmtf,
            OtherParams = version < SpdmConstants.Version12 ? 0 : OtherParams.OpaqueDataFmt1,
            BaseAsym = offer.Signatures,
            BaseHash = offer.Hashes,
        }.Write(message.Take(SpdmNegotiateAlgorithms14.ByteSize));
        foreach (SpdmAlgorithmTable table in tables) table.Write(message.Take(SpdmAlgorithmTable.ByteSize));
    }

    /// <summary>Answers NEGOTIATE_ALGORITHMS: settles on the first of each kind, in the order in which they are preferred here, that both ends are willing to use.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="willing">What this end is willing to use.</param>
    /// <param name="answer">Receives ALGORITHMS.</param>
    /// <param name="length">Bytes of the request.</param>
    /// <returns>What was settled on; null where the request is malformed or has nothing that would do.</returns>
    public static SpdmSuite? Choose(ReadOnlySpan<byte> request, SpdmConnection connection, SpdmAlgorithmSet willing, SpdmWriter answer, out int length)
    {
        length = 0;
        if (!SpdmNegotiateAlgorithms14.TryRead(request, out SpdmNegotiateAlgorithms14 offer)) return null;
        int tablesAt = SpdmNegotiateAlgorithms14.ByteSize + ((offer.ExtAsymCount + offer.ExtHashCount) * SpdmExtendedAlgorithm.ByteSize);
        if (!TryReadTables(request, tablesAt, offer.Header.Param1, offer.Length, out List<SpdmAlgorithmTable> tables)) return null;
        length = offer.Length;
        ushort of(AlgorithmType type) => tables.FirstOrDefault(table => table.Type == type).Mask;
        var hash = SpdmHash.All.FirstOrDefault(hash => (hash.Algorithm & offer.BaseHash & willing.Hashes) != 0);
        var signature = SpdmSignatureAlgorithm.All.FirstOrDefault(known => (known.Algorithm & offer.BaseAsym & willing.Signatures) != 0);
        var group = SpdmGroup.All.FirstOrDefault(known => ((ushort)(known.Algorithm & willing.Groups) & of(AlgorithmType.Dhe)) != 0);
        AeadSuite cipher = SpdmCipher.All.FirstOrDefault(suite => ((ushort)(suite & willing.Ciphers) & of(AlgorithmType.Aead)) != 0);
        var measurement = SpdmHash.All.FirstOrDefault(known => (known.Measurement & willing.MeasurementHashes) != 0);
        SpdmSignatureAlgorithm? requester = connection.Has(SpdmCapabilities.MutAuthCap, SpdmCapabilities.MutAuthCap)
            ? SpdmSignatureAlgorithm.All.FirstOrDefault(known => ((ushort)(known.Algorithm & willing.RequesterSignatures) & of(AlgorithmType.ReqAsym)) != 0)
            : null;
        bool isDmtf = (offer.MeasurementSpecification & SpdmConstants.MeasurementSpecificationDmtf) != 0;
        if (hash is null || (signature is null && connection.Has(0, SpdmCapabilities.CertCap))) return null;
        ushort schedule = (ushort)((ushort)KeySchedule.Spdm & of(AlgorithmType.KeySchedule));
        if ((connection.ExchangesKeys && group is null) || (connection.HasSessions && (cipher == 0 || schedule == 0))) return null;
        if (connection.HasSessions && connection.Version >= SpdmConstants.Version12 && (offer.OtherParams & OtherParams.OpaqueDataFmt1) == 0) return null;
        answer.Begin();
        new SpdmAlgorithms14
        {
            Header = new SpdmHeader { Version = connection.Version, Code = SpdmMessage.Algorithms, Param1 = (byte)tables.Count },
            Length = (ushort)(SpdmAlgorithms14.ByteSize + (tables.Count * SpdmAlgorithmTable.ByteSize)),
            MeasurementSpecification = (byte)(isDmtf ? SpdmConstants.MeasurementSpecificationDmtf : 0),
            OtherParams = offer.OtherParams & OtherParams.OpaqueDataFmt1,
            MeasurementHash = isDmtf ? measurement?.Measurement ?? MeasurementHash.RawBitStream : 0,
            BaseAsym = signature?.Algorithm ?? 0,
            BaseHash = hash.Algorithm,
        }.Write(answer.Take(SpdmAlgorithms14.ByteSize));
        foreach (SpdmAlgorithmTable table in tables)
        {
            Table(table.Type, table.Type switch
            {
                AlgorithmType.Dhe => (ushort)(group?.Algorithm ?? 0),
                AlgorithmType.Aead => (ushort)cipher,
                AlgorithmType.KeySchedule => schedule,
                AlgorithmType.ReqAsym => (ushort)(requester?.Algorithm ?? 0),
                _ => 0,
            }).Write(answer.Take(SpdmAlgorithmTable.ByteSize));
        }

        return new SpdmSuite(connection.Version, hash, signature, group, cipher, isDmtf ? measurement : null) { RequesterSignature = requester };
    }

    /// <summary>Reads ALGORITHMS.</summary>
    /// <param name="response">The response.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="offer">What this end has offered.</param>
    /// <param name="length">Bytes of the response.</param>
    /// <param name="refusal">What is wrong with it.</param>
    /// <returns>What was settled on; null where it isn't one of each that was offered.</returns>
    public static SpdmSuite? ReadChoice(ReadOnlySpan<byte> response, SpdmConnection connection, SpdmAlgorithmSet offer, out int length, out string refusal)
    {
        (length, refusal) = (0, "ALGORITHMS is malformed");
        if (!SpdmAlgorithms14.TryRead(response, out SpdmAlgorithms14 choice) || choice.ExtAsymCount != 0 || choice.ExtHashCount != 0) return null;
        if (!TryReadTables(response, SpdmAlgorithms14.ByteSize, choice.Header.Param1, choice.Length, out List<SpdmAlgorithmTable> tables)) return null;
        length = choice.Length;
        ushort of(AlgorithmType type) => tables.FirstOrDefault(table => table.Type == type).Mask;
        SpdmSuite suite = new(
            connection.Version,
            SpdmHash.Find(choice.BaseHash & offer.Hashes)!,
            SpdmSignatureAlgorithm.Find(choice.BaseAsym & offer.Signatures),
            SpdmGroup.Find((DheGroup)of(AlgorithmType.Dhe) & offer.Groups),
            (AeadSuite)of(AlgorithmType.Aead) & offer.Ciphers,
            SpdmHash.Find(choice.MeasurementHash))
        {
            RequesterSignature = SpdmSignatureAlgorithm.Find((BaseAsym)of(AlgorithmType.ReqAsym) & offer.RequesterSignatures),
        };
        bool isOne = IsOne((uint)choice.BaseHash) && IsOne((uint)choice.BaseAsym) && IsOne(of(AlgorithmType.Dhe)) && IsOne(of(AlgorithmType.Aead)) && IsOne(of(AlgorithmType.ReqAsym));
        bool isUsable = suite.Hash is not null && (suite.Signature is not null || !connection.Has(0, SpdmCapabilities.CertCap)) && (suite.Group is not null || !connection.ExchangesKeys)
            && (!connection.HasSessions || (suite.Cipher != 0 && of(AlgorithmType.KeySchedule) == (ushort)KeySchedule.Spdm));
        bool hasOpaque = !connection.HasSessions || connection.Version < SpdmConstants.Version12 || choice.OtherParams.HasFlag(OtherParams.OpaqueDataFmt1);
        refusal = "the responder chose algorithms that weren't offered, or none";
        return isOne && isUsable && hasOpaque ? suite : null;
    }

    private static bool IsOne(uint mask) => BitOperations.PopCount(mask) <= 1;

    private static bool TryReadTables(ReadOnlySpan<byte> message, int at, int count, int length, out List<SpdmAlgorithmTable> tables)
    {
        tables = [];
        if (length > message.Length || at > length) return false;
        AlgorithmType last = 0;
        for (int i = 0; i < count; i++)
        {
            if (at > length || !SpdmAlgorithmTable.TryRead(message[at..length], out SpdmAlgorithmTable table) || table.Type <= last) return false;
            if (table.FixedSize != SpdmConstants.TableFixedSize) return false;
            last = table.Type;
            tables.Add(table);
            at += SpdmAlgorithmTable.ByteSize + (table.ExtendedCount * SpdmExtendedAlgorithm.ByteSize);
        }

        return at == length;
    }

    private static SpdmAlgorithmTable Table(AlgorithmType type, ushort mask) => new() { Type = type, FixedSize = SpdmConstants.TableFixedSize, Mask = mask };
}
