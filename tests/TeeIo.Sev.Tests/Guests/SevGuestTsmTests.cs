using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>The guest's TSM driver above a host that lies: what it asks, and what it believes.</summary>
public sealed class SevGuestTsmTests
{
    private static readonly string[] _giveBack = ["Stop", "Unbind"];
    private readonly GuestFixture _guest = new();
    private readonly GuestDevice _device = new(0x20);
    private readonly SevGuestTsm _tsm;
    private readonly byte[] _evidence = new byte[0x4000];

    public SevGuestTsmTests()
    {
        _device.BarBase[0] = 0x4000_0000;
        _device.BarSize[0] = 16 * GuestMachine.PageSize;
        _guest.Firmware.Report = Report((0, 4), (8, 2));
        _guest.Host.Blobs = Honest;
        _tsm = new SevGuestTsm(_guest, new Random(1), CrossingHub.Silent);
    }

    public static TheoryData<string> Lies => ["another one", "none", "an empty one", "an entry beyond the buffer", "an entry that wraps", "a table without an end", "noise"];

    private List<string> Operations => [.. _guest.Host.Calls.Where(c => !c.StartsWith("message", StringComparison.Ordinal))];

    [Fact]
    public void Lock_binds_and_asks_the_firmware()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        Assert.Equal(["Bind", "message 1"], _guest.Host.Calls);
        Assert.Equal(["info"], _guest.Firmware.Messages);
    }

    [Theory]
    [InlineData((1UL << 12) | 0x81)]
    [InlineData((0x81UL << 12) | 0x82)]
    [InlineData(0UL)]
    public void A_host_that_does_not_offer_TIO_is_EOPNOTSUPP(ulong features)
    {
        Func<ulong, ulong> honest = _guest.Host.Msr;
        _guest.Host.Msr = asked => (asked & 0xFFF) == 0x080 ? features : honest(asked);
        Assert.Equal(Errno.EOPNOTSUPP, _tsm.Lock(_device).Errno);
        Assert.Empty(_guest.Host.Calls);
    }

    [Theory]
    [InlineData(GhcbStatus.Success, SevRet.Unsupported, SnpVmmError.None, Errno.EOPNOTSUPP)]
    [InlineData(GhcbStatus.InvalidEvent, SevRet.Success, SnpVmmError.None, Errno.EOPNOTSUPP)]
    [InlineData(GhcbStatus.Success, SevRet.Success, SnpVmmError.Busy, Errno.EBUSY)]
    [InlineData(GhcbStatus.Success, SevRet.InvalidTdi, SnpVmmError.None, Errno.EIO)]
    [InlineData(GhcbStatus.Success, SevRet.Success, SnpVmmError.Generic, Errno.EIO)]
    [InlineData(GhcbStatus.NotRegistered, SevRet.Success, SnpVmmError.None, Errno.EIO)]
    public void A_host_that_does_not_bind_has_its_errno(GhcbStatus status, SevRet fwError, SnpVmmError vmmError, Errno errno)
    {
        _guest.Host.Operation = _ => (status, fwError, vmmError);
        Assert.Equal(errno, _tsm.Lock(_device).Errno);
        Assert.Equal(["Bind"], _guest.Host.Calls);
    }

    [Theory]
    [InlineData(TdiBindStatus.Unbound)]
    [InlineData(TdiBindStatus.Invalid)]
    [InlineData((TdiBindStatus)9)]
    public void A_host_that_says_bound_while_the_firmware_does_not_is_EPROTO(TdiBindStatus status)
    {
        _guest.Firmware.Status = status;
        Assert.Equal(Errno.EPROTO, _tsm.Lock(_device).Errno);
        Assert.Equal(["Bind", "Unbind"], Operations);
    }

    [Fact]
    public void An_answer_about_another_TDI_is_EIO()
    {
        _guest.Firmware.Information = static answer => answer with { TdiId = new TdiId(1) };
        Assert.Equal(Errno.EIO, _tsm.Lock(_device).Errno);
        Assert.Equal(["Bind", "Unbind"], Operations);
    }

    [Fact]
    public void Evidence_is_what_the_firmware_vouches_for()
    {
        Attest();
        Assert.Equal(_guest.Firmware.Report, _evidence[.._guest.Firmware.Report.Length]);
        Assert.Equal(["message 1", "message 6", "message 8"], _guest.Host.Calls.Skip(1));
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void Certificates_and_measurements_that_the_host_made_are_EBADMSG(string lie)
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        _guest.Host.Blobs = flags => Lie(lie, Honest(flags));
        Assert.Equal(Errno.EBADMSG, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, _evidence).Errno);
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
        Assert.DoesNotContain("Run", _guest.Host.Calls);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_report_that_the_host_made_is_EBADMSG(string lie)
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        Assert.True(_tsm.Evidence(_device, EvidenceKind.DeviceInfo, _evidence).IsOk);
        _guest.Host.Blobs = flags => Lie(lie, Honest(flags));
        Assert.Equal(Errno.EBADMSG, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, _evidence).Errno);
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
        Assert.DoesNotContain("Run", _guest.Host.Calls);
    }

    [Theory]
    [InlineData(TdiMeasFlags.None)]
    [InlineData(TdiMeasFlags.MeasDigestValid)]
    [InlineData(TdiMeasFlags.MeasDigestFresh)]
    public void Measurements_that_are_not_valid_and_fresh_are_EBADMSG(TdiMeasFlags flags)
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        _guest.Firmware.Measurements = flags;
        Assert.Equal(Errno.EBADMSG, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, _evidence).Errno);
    }

    [Fact]
    public void Evidence_that_is_larger_than_the_buffer_is_EIO_and_gives_its_pages_back()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        int inUse = _guest.InUse;
        _guest.Host.Message = exit =>
        {
            if (exit.DataGpa == 0) return _guest.Host.Pass(exit);
            (exit.VmmError, exit.DataPages) = (SnpVmmError.InvalidLen, 100);
            return GhcbStatus.Success;
        };
        Assert.Equal(Errno.EIO, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, _evidence).Errno);
        Assert.Equal((inUse, false), (_guest.InUse, _guest.IsBurnt));
    }

    [Fact]
    public void Evidence_of_a_bind_that_is_gone_is_ESTALE()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        _guest.Firmware.Status = TdiBindStatus.Unbound;
        Assert.Equal(Errno.ESTALE, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, _evidence).Errno);
        Assert.Equal(Errno.ESTALE, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, _evidence).Errno);
    }

    [Fact]
    public void Accept_without_evidence_is_EPERM()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
        Assert.Equal(["Bind"], Operations);
    }

    [Fact]
    public void Accept_starts_asks_again_and_then_takes_DMA_and_every_range()
    {
        Attest();
        _guest.Firmware.Messages.Clear();
        Assert.True(_tsm.Accept(_device).IsOk);
        Assert.Equal(["Bind", "Run"], Operations);
        Assert.Equal(["info", "DMA", "accept 40000+4", "accept 40008+2"], _guest.Firmware.Messages);
    }

    [Fact]
    public void Accept_after_a_rebind_with_another_report_is_ESTALE_and_takes_nothing()
    {
        Attest();
        _guest.Firmware.Messages.Clear();
        _guest.Firmware.Report = Report((0, 5));
        Assert.Equal(Errno.ESTALE, _tsm.Accept(_device).Errno);
        Assert.Equal(["info"], _guest.Firmware.Messages);
        Assert.Equal(_giveBack, Operations[^2..]);
    }

    [Fact]
    public void A_host_that_only_says_that_it_runs_gets_no_acceptance()
    {
        Attest();
        _guest.Firmware.Messages.Clear();
        _guest.Firmware.Status = TdiBindStatus.Unbound;
        Assert.Equal(Errno.ESTALE, _tsm.Accept(_device).Errno);
        Assert.Equal(["info"], _guest.Firmware.Messages);
    }

    [Theory]
    [InlineData("TDI")]
    [InlineData("base")]
    [InlineData("count")]
    [InlineData("offset")]
    [InlineData("range")]
    [InlineData("unchanged")]
    public void An_answer_about_other_pages_is_EPROTO_and_everything_goes_back(string lie)
    {
        Attest();
        _guest.Firmware.Messages.Clear();
        _guest.Firmware.Validation = answer => answer.SubrangeBase != 0x40008 ? answer : lie switch
        {
            "TDI" => answer with { TdiId = new TdiId(1) },
            "base" => answer with { SubrangeBase = 0x40009 },
            "count" => answer with { SubrangePageCount = 1 },
            "offset" => answer with { RangeOffset = 0 },
            "range" => answer with { RangeId = 1 },
            _ => answer with { Flags = MmioValidatedFlags.None },
        };
        Assert.Equal(Errno.EPROTO, _tsm.Accept(_device).Errno);
        Assert.Equal(["info", "DMA", "accept 40000+4", "accept 40008+2", "give back 40000+4", "no DMA"], _guest.Firmware.Messages);
        Assert.Equal(_giveBack, Operations[^2..]);
    }

    [Theory]
    [InlineData(SdteWriteStatus.TdiNotBound, Errno.ESTALE)]
    [InlineData(SdteWriteStatus.InvalidTdi, Errno.ESTALE)]
    [InlineData(SdteWriteStatus.Reserved, Errno.EIO)]
    public void DMA_that_the_firmware_does_not_take_ends_the_acceptance(SdteWriteStatus status, Errno errno)
    {
        Attest();
        _guest.Firmware.Messages.Clear();
        _guest.Firmware.Dma = answer => answer with { Status = status };
        Assert.Equal(errno, _tsm.Accept(_device).Errno);
        Assert.Equal(["info", "DMA"], _guest.Firmware.Messages);
        Assert.Equal(_giveBack, Operations[^2..]);
    }

    [Fact]
    public void A_report_with_a_range_outside_its_BAR_starts_nothing()
    {
        _guest.Firmware.Report = Report((0, 17));
        Attest();
        Assert.Equal(Errno.EPROTO, _tsm.Accept(_device).Errno);
        Assert.Equal(["Bind"], Operations);
    }

    [Fact]
    public void Unlock_gives_back_what_was_accepted_before_it_stops()
    {
        Attest();
        Assert.True(_tsm.Accept(_device).IsOk);
        _guest.Firmware.Messages.Clear();
        Assert.True(_tsm.Unlock(_device).IsOk);
        Assert.Equal(["give back 40000+4", "give back 40008+2", "no DMA"], _guest.Firmware.Messages);
        Assert.Equal(_giveBack, Operations[^2..]);
        Assert.Null(_device.TsmState);
    }

    [Fact]
    public void Unlock_unbinds_though_the_key_is_lost()
    {
        Attest();
        Assert.True(_tsm.Accept(_device).IsOk);
        _guest.Host.Message = static _ => GhcbStatus.InvalidInput;
        Assert.True(_tsm.Unlock(_device).IsOk);
        Assert.True(_guest.IsBurnt);
        Assert.Equal(_giveBack, Operations[^2..]);
    }

    private static byte[] Lie(string lie, byte[] blobs)
    {
        switch (lie)
        {
            case "another one": blobs[^1] ^= 1; break;
            case "none": return new byte[blobs.Length];
            case "an empty one": BitConverter.TryWriteBytes(blobs.AsSpan(20), 0u); break;
            case "an entry beyond the buffer": BitConverter.TryWriteBytes(blobs.AsSpan(16), 0x8000u); break;
            case "an entry that wraps": BitConverter.TryWriteBytes(blobs.AsSpan(16), uint.MaxValue); break;
            case "a table without an end":
                for (int at = 0; at + 24 <= blobs.Length; at += 24) blobs.AsSpan(0, 16).CopyTo(blobs.AsSpan(at));
                blobs[0] ^= 1;
                break;
            default: blobs.AsSpan().Fill(0xEE); break;
        }

        return blobs;
    }

    private static byte[] Report(params (ulong First, uint Pages)[] ranges)
    {
        byte[] report = new byte[TdispReport.ByteSize + (ranges.Length * TdispMmioRange.ByteSize) + sizeof(uint)];
        new TdispReport { MmioRangeCount = (uint)ranges.Length }.Write(report);
        for (int i = 0; i < ranges.Length; i++)
            new TdispMmioRange { FirstPage = 0x777 + ranges[i].First, NumberOfPages = ranges[i].Pages }.Write(report.AsSpan(TdispReport.ByteSize + (i * TdispMmioRange.ByteSize)));
        return report;
    }

    private byte[] Honest(TioInfoFlags wanted)
    {
        var blobs = new List<(ulong, ulong, ReadOnlyMemory<byte>)>();
        if (wanted.HasFlag(TioInfoFlags.Certs)) blobs.Add((TioGuestConstants.CertificatesGuidLow, TioGuestConstants.CertificatesGuidHigh, _guest.Firmware.Certificates));
        if (wanted.HasFlag(TioInfoFlags.Measurements)) blobs.Add((TioGuestConstants.MeasurementsGuidLow, TioGuestConstants.MeasurementsGuidHigh, _guest.Firmware.Measured));
        if (wanted.HasFlag(TioInfoFlags.Report)) blobs.Add((TioGuestConstants.ReportGuidLow, TioGuestConstants.ReportGuidHigh, _guest.Firmware.Report));
        byte[] buffer = new byte[0x1000];
        return buffer[..TioBlobs.Write([.. blobs], buffer)];
    }

    private void Attest()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        Assert.True(_tsm.Evidence(_device, EvidenceKind.DeviceInfo, _evidence).IsOk);
        SysResult report = _tsm.Evidence(_device, EvidenceKind.InterfaceReport, _evidence);
        Assert.Equal(_guest.Firmware.Report.Length, report.Value);
    }
}
