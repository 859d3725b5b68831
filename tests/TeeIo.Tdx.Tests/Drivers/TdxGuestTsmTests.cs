using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.DevInfo;
using TeeIo.Tdx.Guest;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The guest's TSM driver: what it takes from the host, and what it believes.</summary>
public class TdxGuestTsmTests
{
    private readonly GuestFixture _guest = new();
    private readonly GuestDevice _device = new(0x20);
    private readonly TdxGuestTsm _tsm;
    private readonly byte[] _report;
    private byte[] _info = [3, 0, 0, 0, 2, 0, 0, 0, 0xC1, 0xC2, 0xC3, 0xA1, 0xA2];
    private ulong _session = 0x1234;
    private TdiState _state = TdiState.ConfigLocked;
    private bool _isForged;

    public TdxGuestTsmTests()
    {
        _device.BarBase[0] = 0x4000_0000;
        _device.BarSize[0] = 8 * GuestMachine.PageSize;
        _report = new byte[TdispReport.ByteSize + TdispMmioRange.ByteSize];
        new TdispReport { MmioRangeCount = 1 }.Write(_report);
        new TdispMmioRange { FirstPage = 0x777, NumberOfPages = 4 }.Write(_report.AsSpan(TdispReport.ByteSize));
        _guest.Host = Serve;
        _guest.Module = Answer;
        _tsm = new TdxGuestTsm(_guest, CrossingHub.Silent);
    }

    [Fact]
    public void Accept_runs_MMIO_DMA_and_authorisation_in_this_order()
    {
        Attest();
        _guest.Leaves.Clear();
        Assert.True(_tsm.Accept(_device).IsOk);
        Assert.Equal(["MMIO.ACCEPT", "DMAR.ACCEPT", "TDI.START"], _guest.Leaves.Where(l => l is "MMIO.ACCEPT" or "DMAR.ACCEPT" or "TDI.START"));
    }

    [Fact]
    public void Accept_without_evidence_is_EPERM()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
        Assert.DoesNotContain("MMIO.ACCEPT", _guest.Leaves);
    }

    [Fact]
    public void Accept_after_a_rebind_is_ESTALE()
    {
        Attest();
        _session++;
        Assert.Equal(Errno.ESTALE, _tsm.Accept(_device).Errno);
        Assert.DoesNotContain("MMIO.ACCEPT", _guest.Leaves);
    }

    [Fact]
    public void Evidence_that_the_module_does_not_vouch_for_is_EBADMSG()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        _isForged = true;
        Assert.Equal(Errno.EBADMSG, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, new byte[4096]).Errno);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(3, 1)]
    [InlineData(255, 255)]
    public void Device_information_whose_parts_are_not_the_whole_of_it_is_EPROTO_even_if_the_module_vouches_for_it(byte certificates, byte measurements)
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        (_info[0], _info[4]) = (certificates, measurements);
        Assert.Equal(Errno.EPROTO, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, new byte[4096]).Errno);
        _info = [1];
        Assert.Equal(Errno.EPROTO, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, new byte[4096]).Errno);
        Assert.Equal(_report.Length, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, new byte[4096]).Value);
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
    }

    [Fact]
    public void A_host_that_says_bound_while_the_module_says_unlocked_is_EPROTO()
    {
        _state = TdiState.ConfigUnlocked;
        Assert.Equal(Errno.EPROTO, _tsm.Lock(_device).Errno);
    }

    [Fact]
    public void Interrupted_acceptance_goes_on_where_the_module_stopped()
    {
        Attest();
        int calls = 0;
        _guest.Module = (leaf, registers) =>
        {
            if (leaf != "MMIO.ACCEPT" || calls++ > 0) return Answer(leaf, registers);
            return ((ulong)TdxStatus.InterruptedResumable, registers[Register.Rcx] + 0x1000, (1UL << 32) | 3);
        };
        Assert.True(_tsm.Accept(_device).IsOk);
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Interrupted_acceptance_without_progress_ends()
    {
        Attest();
        _guest.Module = (leaf, registers) =>
            leaf == "MMIO.ACCEPT" ? ((ulong)TdxStatus.InterruptedResumable, registers[Register.Rcx], registers[Register.R9]) : Answer(leaf, registers);
        Assert.Equal(Errno.EIO, _tsm.Accept(_device).Errno);
        Assert.DoesNotContain("TDI.START", _guest.Leaves);
    }

    [Fact]
    public void A_report_with_a_range_outside_its_BAR_is_refused_before_anything_is_accepted()
    {
        new TdispMmioRange { FirstPage = 0x777, NumberOfPages = 9 }.Write(_report.AsSpan(TdispReport.ByteSize));
        Attest();
        Assert.Equal(Errno.EPROTO, _tsm.Accept(_device).Errno);
        Assert.DoesNotContain("MMIO.ACCEPT", _guest.Leaves);
    }

    [Fact]
    public void Another_device_s_report_is_EBADMSG()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        byte[] genuine = [.. _report];
        _guest.Host = gpa =>
        {
            _report[^1] ^= 1;
            Serve(gpa);
            genuine.CopyTo(_report.AsSpan());
        };
        Assert.Equal(Errno.EBADMSG, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, new byte[4096]).Errno);
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
    }

    [Fact]
    public void What_the_host_writes_after_the_guest_has_read_is_not_what_the_guest_believes()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        ulong buffer = 0;
        _guest.Host = gpa => Serve(buffer = gpa);
        _guest.Module = (leaf, registers) =>
        {
            _guest.Memory(buffer + TdcmConstants.HeaderSize, _report.Length).Fill(0xEE);
            return Answer(leaf, registers);
        };
        byte[] evidence = new byte[4096];
        Assert.Equal(_report.Length, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, evidence).Value);
        Assert.Equal(_report, evidence[.._report.Length]);
    }

    [Fact]
    public void A_rebind_while_evidence_is_read_is_ESTALE()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        _guest.Module = (leaf, registers) =>
        {
            if ((TdiField)registers[Register.Rdx] == TdiField.GetTdispReportHash) _session++;
            return Answer(leaf, registers);
        };
        Assert.Equal(Errno.ESTALE, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, new byte[4096]).Errno);
    }

    [Theory]
    [InlineData(TdxStatus.OperandBusy)]
    [InlineData(TdxStatus.TdiNotPresent)]
    [InlineData((TdxStatus)0xC0DE_0000_0000_0000)]
    public void A_module_that_does_not_know_the_device_makes_a_bind_EPROTO(TdxStatus status)
    {
        _guest.Module = (leaf, registers) => leaf == "TDI.RD" ? ((ulong)status, 0, 0) : Answer(leaf, registers);
        Assert.Equal(Errno.EPROTO, _tsm.Lock(_device).Errno);
        Assert.Equal(0, _guest.InUse);
    }

    [Theory]
    [InlineData("MMIO.ACCEPT", TdxStatus.OperandBusy)]
    [InlineData("MMIO.ACCEPT", (TdxStatus)0xC0DE_0000_0000_0000)]
    [InlineData("DMAR.ACCEPT", TdxStatus.OperandBusy)]
    [InlineData("DMAR.ACCEPT", (TdxStatus)0xC0DE_0000_0000_0000)]
    [InlineData("TDI.START", TdxStatus.OperandBusy)]
    [InlineData("TDI.START", (TdxStatus)0xC0DE_0000_0000_0000)]
    public void Acceptance_that_the_module_never_ends_is_given_up_and_the_device_goes_back(string leaf, TdxStatus status)
    {
        Attest();
        _guest.Module = (called, registers) => called == leaf ? ((ulong)status, registers[Register.Rcx], registers[Register.R9]) : Answer(called, registers);
        Assert.Equal(Errno.EIO, _tsm.Accept(_device).Errno);
        Assert.Equal((TdiState.ConfigUnlocked, 0), (_state, _guest.InUse));
        Assert.Equal(Errno.EPERM, _tsm.Accept(_device).Errno);
    }

    private void Attest()
    {
        Assert.True(_tsm.Lock(_device).IsOk);
        byte[] evidence = new byte[4096];
        Assert.Equal(_info.Length - TdxDevInfo.ByteSize, _tsm.Evidence(_device, EvidenceKind.DeviceInfo, evidence).Value);
        Assert.Equal(_info[TdxDevInfo.ByteSize..], evidence[..(_info.Length - TdxDevInfo.ByteSize)]);
        Assert.Equal(_report.Length, _tsm.Evidence(_device, EvidenceKind.InterfaceReport, new byte[4096]).Value);
    }

    private void Serve(ulong gpa)
    {
        TdvmcallTdcm.TryRead(_guest.Memory(gpa, TdvmcallTdcm.ByteSize), out TdvmcallTdcm asked);
        Span<byte> data = _guest.Memory(gpa + TdcmConstants.HeaderSize, _report.Length);
        switch (asked.Operation)
        {
            case TdcmOperation.CheckTeeioSupp:
                data[0] = 1;
                _guest.Answer(gpa, TdcmStatus.Completed, 1);
                return;
            case TdcmOperation.GetTdiReport:
                _report.CopyTo(data);
                _guest.Answer(gpa, TdcmStatus.Completed, (uint)_report.Length);
                return;
            case TdcmOperation.GetDevInfo:
                _info.CopyTo(_guest.Memory(gpa + TdcmConstants.HeaderSize, _info.Length));
                _guest.Answer(gpa, TdcmStatus.Completed, (uint)_info.Length);
                return;
            case TdcmOperation.StartTdi:
                _state = TdiState.Run;
                break;
            case TdcmOperation.Unbind:
                _state = TdiState.ConfigUnlocked;
                break;
            default:
                break;
        }

        _guest.Answer(gpa, TdcmStatus.Completed, 0);
    }

    private (ulong Status, ulong Rcx, ulong R9) Answer(string leaf, RegisterFile registers)
    {
        if (leaf != "TDI.RD") return default;
        switch ((TdiField)registers[Register.Rdx])
        {
            case TdiField.GetBindSessionId: return (0, _session, 0);
            case TdiField.GetTdispState: return (0, (ulong)_state, 0);
            default:
                byte[] hash = SHA384.HashData((TdiField)registers[Register.Rdx] == TdiField.GetDeviceAttestationInfoHash ? _info : _report);
                if (_isForged) hash[0] ^= 1;
                hash.CopyTo(_guest.Memory(registers[Register.R8], hash.Length));
                return (0, (ulong)hash.Length, 0);
        }
    }
}
