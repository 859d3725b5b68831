using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

/// <summary>What the firmware writes, read back from hand-written bytes.</summary>
public sealed class TioRecordTests
{
    [Fact]
    public void Tio_status()
    {
        Assert.True(TioStatus.TryRead(Hex.Bytes($"40000000 03000000 01000000 02000000 03000000 04000000 05000000 06000000 07000000 08000000 09000000 0A000000 0B000000 {Hex.Zeros(12)}"), out TioStatus status));
        Assert.Equal((0x40u, TioStatusFlags.TioEn | TioStatusFlags.TioInitDone), (status.Length, status.Flags));
        Assert.Equal((1u, 2u, 3u, 4u, 5u, 6u), (status.SpdmReqSizeMin, status.SpdmReqSizeMax, status.SpdmScratchSizeMin, status.SpdmScratchSizeMax, status.SpdmOutSizeMin, status.SpdmOutSizeMax));
        Assert.Equal((7u, 8u, 9u, 10u, 11u), (status.SpdmRspSizeMin, status.SpdmRspSizeMax, status.DevctxSize, status.TdictxSize, status.TioCryptoAlg));
    }

    [Fact]
    public void Device_status()
    {
        string text = $"A0000000 02 00 03 04 0801 05 01 D400 0000 08010000 {Hex.Zeros(8)} 03 000000 05FFFFFFFFFFFFFF {Hex.Zeros(8)} "
            + new string('A', 96) + new string('B', 96) + " 07000000 06000000 01 01 02 01 00 000000";
        Assert.True(TioDevStatus.TryRead(Hex.Bytes(text), out TioDevStatus status));
        Assert.Equal((2, DevPendingFlags.RequestPending | DevPendingFlags.RequestPendingTdi, 4), (status.CtxState, status.P1Flags, status.CertsSlot));
        Assert.Equal((0x0108, 5, 1, 0x00D4), (status.DeviceId, status.SegmentId, status.TcMask, status.RequestPendingCommand));
        Assert.Equal(DevStatusFlags.MeasDigestValid | DevStatusFlags.NoFwUpdate, status.P2Flags);
        Assert.Equal((5, 0xFF, 0xAA, 0xBB), (status.IdeStreamId[0], status.IdeStreamId[7], status.CertsDigest[47], status.MeasDigest[0]));
        Assert.Equal((7u, 6u, SpdmDhe.Secp384r1, SpdmAead.Aes256Gcm), (status.TdiCount, status.BoundTdiCount, status.Algos.Dhe, status.Algos.Aead));
        Assert.Equal((SpdmAsym.EcdsaP384, SpdmHash.Sha384), (status.Algos.Asym, status.Algos.Hash));
    }

    [Fact]
    public void Tdi_info()
    {
        string text = $"C0000000 08010000 {Hex.Zeros(8)} 0B000000 1D000000 0101020100000000 " + new string('A', 96) + new string('B', 96) + new string('C', 96) + " 0200000000000000 07000000 00000000";
        Assert.True(TioTdiInfo.TryRead(Hex.Bytes(text), out TioTdiInfo info));
        Assert.Equal((true, true, TdiBindStatus.Unbound), (info.MeasDigestValid, info.MeasDigestFresh, info.TdiStatus));
        Assert.Equal(TdiLockInfo.NoFwUpdate | TdiLockInfo.LockMsix | TdiLockInfo.BindP2p | TdiLockInfo.AllRequestRedirect, info.P2Flags);
        Assert.Equal((0xAA, 0xBB, 0xCC), (info.CertsDigest[0], info.MeasDigest[0], info.InterfaceReportDigest[0]));
        Assert.Equal((2ul, 7u), (info.IntfReportCounter, info.Asid));
    }

    [Theory]
    [InlineData("00", TdiState.ConfigUnlocked)]
    [InlineData("01", TdiState.ConfigLocked)]
    [InlineData("02", TdiState.Run)]
    [InlineData("03", TdiState.Error)]
    public void Tdi_status(string state, TdiState expected)
    {
        Assert.True(TioTdiStatus.TryRead(Hex.Bytes($"10000000 {state} {Hex.Zeros(11)}"), out TioTdiStatus status));
        Assert.Equal(expected, status.TdispState);
    }

    [Theory]
    [InlineData("00", AsidFenceDma.NotFenced, AsidFenceMmio.NotFenced)]
    [InlineData("01", AsidFenceDma.Error, AsidFenceMmio.NotFenced)]
    [InlineData("0F", AsidFenceDma.Default, AsidFenceMmio.Fenced)]
    public void Fence_status(string bits, AsidFenceDma dma, AsidFenceMmio mmio)
    {
        Assert.True(TeeIo.Sev.Psp.AsidFenceStatus.TryRead(Hex.Bytes($"{bits} {Hex.Zeros(7)}"), out AsidFenceStatus status));
        Assert.Equal((dma, mmio), (status.Dma, status.Mmio));
    }

    [Fact]
    public void Scatter_list_address()
    {
        byte[] bytes = new byte[SlaAddress.ByteSize];
        new SlaAddress { IsScatter = true, Is2m = true, Pfn = 0xFFFFFFFFFF }.Write(bytes);
        Hex.Equal("03F0FFFFFFFF0F00", bytes);
        Assert.Equal(0x000FFFFFFFFFF000ul, TioFirmwareConstants.SlaEnd);
    }

    [Fact]
    public void Buffers_and_data_objects()
    {
        Hex.Equal(
            $"00100000 60000000 01000000 00000000 {new string('0', 96)}", Write(new SlaBufferHdr { CapacitySz = 0x1000, PayloadSz = 0x60, Flags = SlaBufferFlags.Encryption }, SlaBufferHdr.ByteSize));
        SpdmDobjHdrMsg request = new() { DataType = DobjDataType.SecureSpdm };
        request.Hdr = new SpdmDobjHdr { Id = DobjId.Req, Length = 0x50, VersionMajor = TioFirmwareConstants.DobjVersionMajor };
        Hex.Equal("01000000 50000000 00 01 02 0000000000", Write(request, SpdmDobjHdrMsg.ByteSize));
        SpdmDobjHdrOutput report = new() { DeviceId = 0x0108, SegmentId = 2, Type = TioFirmwareConstants.DobjData };
        report.Hdr = new SpdmDobjHdr { Id = DobjId.Report, Length = 0x120, VersionMajor = TioFirmwareConstants.DobjVersionMajor };
        Hex.Equal($"06000000 20010000 00 01 {Hex.Zeros(6)} 0801 02 01 {Hex.Zeros(12)}", Write(report, SpdmDobjHdrOutput.ByteSize));
    }

    [Fact]
    public void Statuses_have_the_numbers_of_the_firmware() => Assert.Equal(
        (0u, 0x04u, 0x30u, 0x31u, 0x32u, 0x36u, 0x3Cu, 0x3Fu, 0xFFFFFFFFu),
        ((uint)SevRet.Success, (uint)SevRet.InvalidLen, (uint)SevRet.IncorrectBufferLength, (uint)SevRet.ExpandBufferLengthRequest, (uint)SevRet.SpdmRequest,
            (uint)SevRet.InvalidDevCtx, (uint)SevRet.InvalidTdiState, (uint)SevRet.ResponseTooLarge, (uint)SevRet.NoFwCall));

    private static byte[] Write<T>(T record, int size)
        where T : unmanaged
    {
        byte[] bytes = new byte[size];
        System.Runtime.InteropServices.MemoryMarshal.Write(bytes, in record);
        return bytes;
    }
}
