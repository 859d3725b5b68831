using System.Security.Cryptography;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;
using SpdmHash = TeeIo.Sev.Psp.SpdmHash;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>The right order, from the first command to the last, and what each side sees on the way.</summary>
public sealed class AmdSpTests
{
    [Fact]
    public void A_full_life_gives_every_page_back()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        Assert.True(bench.Sp.OwnedPages > 0);
        bench.GoTo(SpStage.GuestGone);
        Assert.Equal(0, bench.Sp.OwnedPages);
        Assert.Equal(SevRet.Success, bench.Snp.TryShutdownEx(default));
    }

    [Fact]
    public void Connecting_asks_once_for_more_scratch_memory()
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        Assert.Equal(1, bench.Turns.Count(turn => turn == SevRet.ExpandBufferLengthRequest));
        Assert.True(bench.Turns.Count(turn => turn == SevRet.SpdmRequest) > 10);
    }

    [Theory]
    [InlineData(DheGroup.Secp384R1, BaseHash.Sha384, SpdmDhe.Secp384r1, SpdmHash.Sha384)]
    [InlineData(DheGroup.Secp256R1, BaseHash.Sha256, SpdmDhe.Secp256r1, SpdmHash.Sha256)]
    public void The_status_of_a_device_says_what_its_session_was_settled_on(DheGroup group, BaseHash hash, SpdmDhe expectedGroup, SpdmHash expectedHash)
    {
        var session = new SpdmRequesterOptions { Algorithms = SpdmAlgorithmSet.Tdisp with { Groups = group, Hashes = hash } };
        using SpBench bench = SpBench.At(SpStage.Connected, session: session);
        SpBench.Must(bench.Tio.TryDevStatus(new TioDevStatusCmd { DevCtxSla = bench.Dev, StatusPaddr = new(bench.Output) }));
        TioDevStatus.TryRead(bench.Read(bench.Output, TioDevStatus.ByteSize), out TioDevStatus status);

        SpdmAlgos algorithms = status.Algos;
        Assert.Equal((expectedGroup, SpdmAead.Aes256Gcm, SpdmAsym.EcdsaP384, expectedHash), (algorithms.Dhe, algorithms.Aead, algorithms.Asym, algorithms.Hash));
    }

    [Fact]
    public void An_output_buffer_that_is_too_small_is_asked_to_grow_and_nothing_is_said_twice()
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        bench.SetCapacity(bench.Buffers.Output.Value & ~1UL, 0x48);
        bench.Turns.Clear();
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        bench.Carry();
        Assert.Equal(SevRet.ExpandBufferLengthRequest, bench.Measure());
        Assert.InRange(bench.Capacity(bench.Buffers.Output.Value), 0x49, 0x1000);
        Assert.Equal(SevRet.InUse, bench.RollKey());
        bench.SetCapacity(bench.Buffers.Output.Value, 0x1000);
        Assert.Equal(SevRet.Success, bench.Measure());
        Assert.NotEmpty(bench.OutputData());
    }

    [Fact]
    public void The_guest_reads_what_the_launch_put_there_and_the_host_does_not()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        PageWalk walk = bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.RamGpa + 4, isWrite: false);
        Assert.Equal(PageWalkResult.Mapped, walk.Result);
        Assert.Equal(bench.Ram + 4, walk.HostAddress);
        byte[] seen = new byte[6];
        bench.Memory.Read(walk.HostAddress, seen, walk.Key);
        Assert.Equal("kernel"u8.ToArray(), seen);
        Assert.NotEqual("kernel"u8.ToArray(), bench.Read(bench.Ram + 4, 6));
    }

    [Fact]
    public void Commands_go_by_their_number_and_an_unknown_one_is_refused()
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        Assert.Equal((uint)SevRet.InvalidCommand, bench.Sp.Commands.Execute(SnpFirmwareCalls.DfFlush, 0x0D9, default));
        Assert.Equal((uint)SevRet.InvalidLen, bench.Sp.Commands.Execute(SnpFirmwareCalls.DfFlush, 0x0D0, default));
        bench.Sp.WriteBackCaches();
        Assert.Equal((uint)SevRet.Success, bench.Sp.Commands.Execute(TioFirmwareCalls.Status, 0x084, default));
    }

    [Fact]
    public void The_guest_s_digests_are_those_of_the_blobs()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        byte[] report = bench.OutputData();
        bench.MustConverse(() => bench.Certificates());
        byte[] certificates = bench.OutputData();
        bench.MustConverse(() => bench.Measure());
        byte[] measurements = bench.OutputData();
        byte[] message = new byte[TdiInfoReq.ByteSize];
        TioGuestMessages.WriteTioTdiInfo(message, new(bench.Tdi.Value));
        Assert.True(TioGuestMessages.ReadTioTdiInfoResponse(bench.Ask(message), out TdiInfoRsp info).IsOk);
        Assert.Equal(TdiBindStatus.Bound, info.Status);
        Assert.Equal(SHA384.HashData(report), ((ReadOnlySpan<byte>)info.InterfaceReportDigest).ToArray());
        Assert.Equal(SHA384.HashData(certificates), ((ReadOnlySpan<byte>)info.CertsDigest).ToArray());
        Assert.Equal(SHA384.HashData(measurements), ((ReadOnlySpan<byte>)info.MeasDigest).ToArray());
        Assert.Equal(TdiMeasFlags.MeasDigestValid | TdiMeasFlags.MeasDigestFresh, info.MeasFlags);
        Assert.Equal(TdiLockInfo.NoFwUpdate, info.TdispLockFlags);
    }

    [Fact]
    public void Measurements_of_before_the_lock_are_not_fresh()
    {
        using SpBench bench = SpBench.At(SpStage.Tdi);
        bench.MustConverse(() => bench.Measure());
        bench.GoTo(SpStage.Locked);
        Assert.False(bench.Info().MeasDigestFresh);
        bench.MustConverse(() => bench.Measure([.. Enumerable.Repeat((byte)7, 32)]));
        Assert.True(bench.Info().MeasDigestFresh);
    }

    [Fact]
    public void The_guest_reaches_MMIO_and_the_device_memory_once_both_are_accepted()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        PageWalk mmio = bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.MmioGpa + 8, isWrite: true);
        Assert.Equal(new PageWalk(PageWalkResult.Mapped, bench.Bar + 8, KeyId.Shared), mmio);
        PageWalk dma = bench.Sp.WalkTrustedDma(bench.Vf, SpBench.RamGpa, isWrite: true);
        Assert.Equal(PageWalkResult.Mapped, dma.Result);
        Assert.Equal(bench.Ram, dma.HostAddress);
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkTrustedDma(bench.OtherVf, SpBench.RamGpa, isWrite: true).Result);
    }

    [Fact]
    public void Rolled_keys_keep_the_TDI_running()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        for (int i = 0; i < 3; i++) bench.MustConverse(() => bench.RollKey());
        bench.MustConverse(() => bench.ReadState());
        Assert.Equal((byte)2, bench.Read(bench.Output + 4, 1)[0]);
        byte[] register = new byte[4];
        bench.Memory.ReadMmio(bench.Bar, register, tee: true);
        Assert.NotEqual([0xFF, 0xFF, 0xFF, 0xFF], register);
    }

    [Fact]
    public void A_vCPU_leaves_with_its_GHCB_MSR_and_finds_the_answer_there()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        bench.Cpu.Answer = 0x1234_5001;
        bench.Guest.GhcbMsr = 2;
        bench.Guest.VmgExit();
        Assert.Equal(2UL, bench.Cpu.Shown[Boundaries.Register.Rax]);
        Assert.Equal(0x1234_5001UL, bench.Guest.GhcbMsr);
    }

    [Fact]
    public void A_report_has_the_guest_s_data_and_the_launch_s_measurement()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        byte[] data = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        byte[] message = new byte[ReportReq.ByteSize];
        SnpGuestMessages.WriteReport(message, data, 0);
        Assert.True(SnpGuestMessages.ReadReportResponse(bench.Ask(message, isAboutTdi: false), out ReportRsp response).IsOk);
        Assert.Equal(SevRet.Success, response.Status);
        Assert.Equal(data, ((ReadOnlySpan<byte>)response.Report.ReportData).ToArray());
        Assert.True(((ReadOnlySpan<byte>)response.Report.Measurement).IndexOfAnyExcept((byte)0) >= 0);
    }

    [Fact]
    public void An_ASID_is_used_again_after_write_back_and_flush_only()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        SpBench.Must(bench.Snp.TryDecommission(new SnpDecommission { GctxPaddr = bench.Gctx }));
        ulong next = bench.FirmwarePage();
        SpBench.Must(bench.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(next) }));
        var activate = new SnpActivate { GctxPaddr = new(next), Asid = SpBench.Asid };
        Assert.Equal(SevRet.DfflushRequired, bench.Snp.TryActivate(activate));
        Assert.Equal(SevRet.WbinvdRequired, bench.Snp.TryDfFlush());
        Assert.Equal(SevRet.DfflushRequired, bench.Snp.TryActivate(activate));
        bench.Sp.WriteBackCaches();
        SpBench.Must(bench.Snp.TryDfFlush());
        SpBench.Must(bench.Snp.TryActivate(activate));
    }

    [Fact]
    public void The_page_that_another_guest_left_is_noise_to_the_next_one_of_its_ASID()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        byte[] before = new byte[10];
        bench.Memory.Read(bench.Ram, before, new KeyId((ushort)SpBench.Asid));
        SpBench.Must(bench.Snp.TryDecommission(new SnpDecommission { GctxPaddr = bench.Gctx }));
        bench.Sp.WriteBackCaches();
        SpBench.Must(bench.Snp.TryDfFlush());
        ulong next = bench.FirmwarePage();
        SpBench.Must(bench.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(next) }));
        SpBench.Must(bench.Snp.TryActivate(new SnpActivate { GctxPaddr = new(next), Asid = SpBench.Asid }));
        byte[] after = new byte[10];
        bench.Memory.Read(bench.Ram, after, new KeyId((ushort)SpBench.Asid));
        Assert.Equal("the kernel"u8.ToArray(), before);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Unbinding_takes_back_what_the_guest_had_accepted()
    {
        using SpBench bench = SpBench.At(SpStage.Unbound);
        Assert.Equal(PageWalkResult.Pending, bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.MmioGpa, isWrite: false).Result);
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkTrustedDma(bench.Vf, SpBench.RamGpa, isWrite: false).Result);
        Assert.Equal(TdiBindStatus.Unbound, bench.Info().TdiStatus);
    }

    [Fact]
    public void Addresses_count_without_their_C_bit()
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        const ulong cBit = 1UL << 51;
        SpBench.Must(bench.Tio.TryStatus(new TioStatusCmd { StatusPaddr = new(bench.Output | cBit) }));
        Assert.Equal(TioStatusFlags.TioEn | TioStatusFlags.TioInitDone, (TioStatusFlags)bench.Read(bench.Output + 4, 1)[0]);
        Assert.Equal(RmpResult.Success, bench.Rmp(bench.Page() | cBit, 0, isImmutable: true));
    }
}
