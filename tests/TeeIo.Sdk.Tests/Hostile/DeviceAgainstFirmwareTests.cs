using TeeIo.Hostile;
using TeeIo.Pci;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Sdk.Tests.Pci;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>A device against the firmware that speaks to it: what it sends in the clear, what somebody does to the session's records, and what a device with the keys may say inside.</summary>
public sealed class DeviceAgainstFirmwareTests(ITestOutputHelper output)
{
    private const uint FunctionId = 0x0102;
    private static readonly SpdmRecords s_records = new(
        new SpdmSuite(SpdmConstants.Version12, SpdmHash.Sha384, SpdmSignatureAlgorithm.EcdsaP384, SpdmGroup.Find(DheGroup.Secp384R1), AeadSuite.Aes256Gcm, SpdmHash.Sha384),
        IsEncrypted: true,
        SpdmBinding.PciDoe,
        new Random(1));

    private static readonly byte[] s_secret = [.. Enumerable.Range(0, 48).Select(i => (byte)i)];

    [Fact]
    public void No_change_in_the_clear_gives_a_session_that_both_ends_do_not_have() =>
        MutationRun.Run(output, "device against firmware, SPDM in the clear", JudgeHandshake, share: 100);

    [Fact]
    public void No_record_counts_but_the_next_one_as_it_was_sealed() => MutationRun.Run(output, "device against firmware, records of the session", JudgeRecord, share: 4);

    [Fact]
    public void No_TDISP_answer_counts_but_the_one_that_was_asked_for() => MutationRun.Run(output, "device against firmware, TDISP", JudgeTdisp, share: 3);

    [Fact]
    public void No_IDE_KM_answer_counts_but_the_one_that_was_asked_for() => MutationRun.Run(output, "device against firmware, IDE_KM", JudgeIdeKm, share: 3);

    [Fact]
    public void No_interface_report_counts_that_is_not_one_to_the_last_byte() => MutationRun.Run(output, "device against firmware, interface reports", JudgeReport, share: 10);

    private static string? JudgeHandshake(Mutation mutation)
    {
        using var pair = new SpdmPair();
        List<byte[]> before = [];
        int step = mutation.Below(10);
        pair.Run(pair.Requester.Connect, (i, answer) =>
        {
            before.Add(answer);
            return i == step ? mutation.Change(answer, before) : answer;
        });
        if (!pair.Requester.IsUp) return null;
        if (!pair.Requester.Certificates.Span.SequenceEqual(pair.Chain)) return $"a session with another certificate chain, after answer {step} was changed";
        if (!pair.Requester.Measurements.Span.SequenceEqual(pair.Blocks)) return $"a session with other measurements, after answer {step} was changed";
        byte[] answer = pair.Answer(pair.Requester.Seal(TeeIo.Pci.SpdmVendor.PciProtocol.Tdisp, [1, 2, 3]));
        return pair.Requester.TryOpen(TeeIo.Pci.SpdmVendor.PciProtocol.Tdisp, answer, out byte[] _) ? null : $"a session that the device doesn't have, after answer {step} was changed";
    }

    private static string? JudgeRecord(Mutation mutation)
    {
        using SpdmSession requester = Session(isRequester: true);
        using SpdmSession responder = Session(isRequester: false);
        List<byte[]> sent = [];
        int turns = mutation.Below(3);
        for (byte i = 0; i < turns; i++)
        {
            sent.Add(Seal(responder, [i, 1, 2, 3, 4, 5, 6, 7]));
            if (!IsOpened(requester, sent[i])) return "a true record isn't opened";
        }

        byte[] next = Seal(responder, [0xAA, 1, 2, 3]);
        byte[] later = Seal(responder, [0xBB, 1, 2, 3]);
        byte[] changed = mutation.Once(8) ? later : mutation.Change(next, sent);

        // The record says how long it is; what follows is the transport's padding, whose unit is each transport's own.
        if (changed.AsSpan().StartsWith(next)) return null;
        if (IsOpened(requester, changed)) return $"a changed record was opened: {Convert.ToHexString(changed)}";
        return IsOpened(requester, next) ? "a session lived on after a wrong record" : null;
    }

    private static SpdmSession Session(bool isRequester) => new(7, isRequester, s_records, [.. s_secret], s_secret);

    private static byte[] Seal(SpdmSession session, byte[] message)
    {
        byte[] record = new byte[session.RecordSize(message.Length)];
        return record[..session.Seal(message, record)];
    }

    private static bool IsOpened(SpdmSession session, byte[] record) => session.TryOpen(record, new byte[record.Length], out _);

    private static string? JudgeTdisp(Mutation mutation)
    {
        var device = new ReportingInterface(new PciAddress(0, (ushort)FunctionId));
        var responder = new TdispResponder([device], new TdispResponderOptions(LockFlags.NoFwUpdate | LockFlags.LockMsix, 52, 1, 64), new Random(mutation.Index));
        var tdi = new TdiConversations(FunctionId, new PlainChannel());
        var wire = new LyingDevice(mutation, 8, request =>
        {
            byte[] answer = new byte[512];
            return answer[..TdispDispatcher.Dispatch(responder, null, request, answer)];
        });
        bool isLocked = wire.Run(exchange => tdi.Lock(exchange, LockFlags.NoFwUpdate, 1, 0));
        if (isLocked != (tdi.State == TdiState.ConfigLocked)) return "the state isn't that of the lock";
        if (isLocked && !wire.Run(tdi.ReadReport) && tdi.Report is not null) return "a report that failed is kept";
        if (tdi.Report is { } report && report.Ranges.Count * TdispMmioRange.ByteSize > report.Bytes.Length) return "more ranges than the report has";
        bool isStarted = isLocked && wire.Run(tdi.Start);
        if (isStarted != (tdi.State == TdiState.Run)) return "the state isn't that of the start";
        wire.Run(tdi.ReadState);
        wire.Run(tdi.Stop);
        return wire is { IsAccepted: true, IsChanged: true } && !MayDiffer(wire.True!, wire.Changed) ? $"{Convert.ToHexString(wire.Changed)} counts as {Convert.ToHexString(wire.True!)}" : null;
    }

    /// <summary>Whether the device may say this instead: what it says of itself is its own affair, but kind, version and interface of the message aren't, nor is its length.</summary>
    private static bool MayDiffer(byte[] genuine, byte[] said)
    {
        if (!TdispHeader.TryRead(genuine, out TdispHeader asked) || !TdispHeader.TryRead(said, out TdispHeader header)) return false;
        if (header.MessageType != asked.MessageType || header.Version != asked.Version || !said.AsSpan(4, 4).SequenceEqual(genuine.AsSpan(4, 4))) return false;
        return header.MessageType is TdispMessage.TdispVersion or TdispMessage.DeviceInterfaceReport || said.Length == genuine.Length;
    }

    private static string? JudgeIdeKm(Mutation mutation)
    {
        var port = new RecordingStreams();
        var responder = new IdeKmResponder(new RecordingPort());
        var keys = new IdeStreamKeys(streamId: 3, new PlainChannel(), port, new Random(mutation.Index));
        int slots = IdeKeySlot.OfKeySet(0).Count();
        var wire = new LyingDevice(mutation, 1 + (5 * slots), request =>
        {
            byte[] answer = new byte[512];
            return answer[..responder.Answer(request, answer)];
        });
        bool isUp = wire.Run(keys.SetUp);
        if (isUp != (port.Enabled == 1)) return "the port's key set isn't that of the conversation";
        bool isRefreshed = isUp && wire.Run(keys.Refresh);
        if (isRefreshed != (port.Enabled == 2)) return "the port's key set isn't that of the refresh";
        if (isRefreshed) wire.Run(keys.Stop);
        bool isNamed = wire.True is { Length: IdeKmKey.ByteSize };
        return wire is { IsAccepted: true, IsChanged: true } && isNamed && !IsSame(wire.True!, wire.Changed) ? $"{Convert.ToHexString(wire.Changed)} counts as {Convert.ToHexString(wire.True!)}" : null;
    }

    /// <summary>Whether two answers say the same of the same key; only reserved bits may differ.</summary>
    private static bool IsSame(byte[] genuine, byte[] said) => said.Length == genuine.Length && said[0] == genuine[0] && said[3] == genuine[3]
        && (said[0] != (byte)IdeKmObject.KpAck || said[4] == genuine[4]) && (said[5] & 0xF3) == (genuine[5] & 0xF3) && said[6] == genuine[6];

    private static string? JudgeReport(Mutation mutation)
    {
        byte[] genuine = ReportingInterface.Make();
        byte[] said = mutation.Change(genuine, []);
        if (InterfaceReport.Parse(said, reportingOffset: mutation.Number()) is not { } report) return null;
        TdispReport.TryRead(said, out TdispReport head);
        int end = TdispReport.ByteSize + (report.Ranges.Count * TdispMmioRange.ByteSize);
        if (report.Ranges.Count != head.MmioRangeCount || !TdispReportDeviceInfo.TryRead(said.AsSpan(Math.Min(end, said.Length)), out TdispReportDeviceInfo info)) return "a report with fewer ranges than it counts";
        return end + TdispReportDeviceInfo.ByteSize + (long)info.DeviceSpecificInfoLen == said.Length ? null : "a report with bytes that nobody counts";
    }
}
