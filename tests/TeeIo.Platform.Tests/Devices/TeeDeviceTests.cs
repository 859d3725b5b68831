using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.Doe;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests.Devices;

public sealed class TeeDeviceTests
{
    private const uint Refused = uint.MaxValue;
    private const ulong OpenPage = ModelDeviceConstants.OpenPage * ModelDeviceConstants.PageSize;
    private const ulong DataPage = ModelDeviceConstants.DataPage * ModelDeviceConstants.PageSize;
    private const ulong MsixPage = ModelDeviceConstants.MsixTablePage * ModelDeviceConstants.PageSize;

    [Fact]
    public void The_mailbox_serves_discovery_SPDM_and_secured_SPDM()
    {
        using Bench bench = new();
        List<DoeObjectType> types = [];

        Assert.True(DoeDiscovery.Find(bench.Device.Mailbox, types).IsOk);
        Assert.Equal([DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm], types);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0100")]
    [InlineData("010001000300000010840000FF")]
    [InlineData("0100090003000000" + "00000000")]
    public void A_malformed_object_is_EIO(string request)
    {
        using Bench bench = new();
        Assert.Equal(Errno.EIO, bench.Device.Mailbox.Exchange(Convert.FromHexString(request), new byte[64]).Errno);
    }

    [Fact]
    public void An_answer_that_has_no_room_is_EMSGSIZE()
    {
        using Bench bench = new();
        Assert.Equal(Errno.EMSGSIZE, bench.Device.Mailbox.Exchange(DoeObject.Create(DoeObjectType.Spdm, [0x10, 0x84, 0, 0]), new byte[8]).Errno);
    }

    [Fact]
    public void Lock_without_IDE_keys_is_an_invalid_request()
    {
        using Bench bench = new Bench().Connected();
        Assert.Equal((uint)TdispErrorCode.InvalidRequest, bench.Lock(LockFlags.NoFwUpdate).ErrorCode);
    }

    [Fact]
    public void Keys_need_a_query_a_known_port_a_valid_sub_stream_and_the_first_initial_value()
    {
        using Bench bench = new Bench().Connected();
        byte[] key = new byte[IdeKmConstants.KeySize];
        IdeKeySlot slot = new(0, IdeDirection.Rx, IdeSubStream.Pr);
        Assert.Equal(KpAckStatus.UnspecifiedFailure, bench.ProgramKey(Bench.Stream, slot, key));
        bench.WithStream();

        Assert.Equal(KpAckStatus.UnsupportedPortIndex, bench.ProgramKey(Bench.Stream, slot, key, port: 1));
        Assert.Equal(KpAckStatus.UnsupportedValue, bench.ProgramKey(Bench.Stream, slot with { SubStream = (IdeSubStream)3 }, key));
        Assert.Equal(KpAckStatus.UnsupportedValue, bench.ProgramKey(Bench.Stream, slot, key, ifv: 2));
    }

    [Fact]
    public void TEE_pages_answer_without_the_T_bit_only_until_LOCK_and_with_it_only_in_RUN()
    {
        using Bench bench = new Bench().Connected().WithStream();
        Assert.Equal((uint)ModelDeviceConstants.Magic, bench.Read(ModelRegister.Magic, tee: false));
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: true));

        bench.Locked();
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: false));
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: true));

        bench.Running();
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: false));
        Assert.Equal((uint)ModelDeviceConstants.Magic, bench.Read(ModelRegister.Magic, tee: true));

        bench.Tdi.Interface.Fail();
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: false));
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: true));

        bench.Stop();
        Assert.Equal((uint)ModelDeviceConstants.Magic, bench.Read(ModelRegister.Magic, tee: false));
    }

    [Fact]
    public void The_open_page_and_the_MSIX_table_answer_the_host_in_every_state()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        bench.WriteBar(OpenPage, [0x5A], tee: false);
        bench.WriteBar(MsixPage, [0xA5], tee: false);

        Assert.Equal(0x5A, bench.ReadBar(OpenPage, tee: false));
        Assert.Equal(0xA5, bench.ReadBar(MsixPage, tee: false));
        Assert.Equal(TdiState.Run, bench.Tdi.TdiState);
    }

    [Fact]
    public void What_the_TEE_left_in_the_device_is_gone_after_STOP()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        bench.WriteBar(DataPage, [0x5A], tee: true);
        Assert.Equal(0x5A, bench.ReadBar(DataPage, tee: true));

        bench.Stop();
        Assert.Equal(0, bench.ReadBar(DataPage, tee: false));
    }

    [Fact]
    public void DMA_carries_the_T_bit_in_RUN_only()
    {
        using Bench bench = new Bench().Connected().WithStream();
        bench.Enable(ConfigCommand.Memory | ConfigCommand.Master);
        Assert.Equal(ModelStatus.Done, bench.Fill(tee: false));

        bench.IsPageAccepted = true;
        bench.Locked().Running();
        Assert.Equal(ModelStatus.Done | ModelStatus.Trusted, bench.Fill(tee: true));

        byte[] asGuest = new byte[4];
        bench.Memory.Read(bench.Page, asGuest, new KeyId(1));
        Assert.Equal([1, 2, 3, 4], asGuest);
        byte[] asHost = new byte[4];
        bench.Memory.Read(bench.Page, asHost, KeyId.Shared);
        Assert.NotEqual([1, 2, 3, 4], asHost);
    }

    [Fact]
    public void DMA_with_the_T_bit_before_acceptance_is_dropped_by_the_IOMMU()
    {
        using Bench bench = new Bench().Connected().WithStream();
        bench.Enable(ConfigCommand.Memory | ConfigCommand.Master);
        bench.Locked().Running();

        Assert.Equal(ModelStatus.Failed | ModelStatus.Trusted, bench.Fill(tee: true));
        Assert.Equal(1, bench.Iommu.Dropped);
    }

    [Fact]
    public void DMA_needs_bus_mastering()
    {
        using Bench bench = new();
        Assert.Equal(ModelStatus.Failed, bench.Fill(tee: false));
        Assert.Equal(0, bench.Iommu.Dropped);
    }

    [Fact]
    public void A_blocked_stream_lets_nothing_with_the_T_bit_pass()
    {
        using Bench bench = new Bench().Connected().WithStream();
        bench.Enable(ConfigCommand.Memory | ConfigCommand.Master);
        bench.IsPageAccepted = true;
        bench.Locked().Running();
        bench.Port.Block(Bench.Stream);

        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: true));
    }

    [Fact]
    public void A_key_refresh_keeps_RUN_and_traffic()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        for (int i = 1; i <= 3; i++)
        {
            bench.UseKeySet((byte)(i % 2));
            Assert.Equal((uint)ModelDeviceConstants.Magic, bench.Read(ModelRegister.Magic, tee: true));
        }

        Assert.Equal(TdiState.Run, bench.Tdi.TdiState);
    }

    [Fact]
    public void The_loss_of_a_stream_puts_its_TDIs_into_ERROR()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        bench.Switch(new IdeKeySlot(0, IdeDirection.Tx, IdeSubStream.Cpl), isStart: false);

        Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
    }

    [Fact]
    public void The_loss_of_the_session_puts_its_TDIs_into_ERROR()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        bench.Device.Mailbox.Exchange(DoeObject.Create(DoeObjectType.Spdm, [0x10, 0x84, 0, 0]), new byte[64]);

        Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
        Assert.False(bench.Device.HasSession);
    }

    [Theory]
    [InlineData((int)ConfigRegister.Command, 2, (uint)ConfigCommand.Memory)] // bus mastering off
    [InlineData((int)ConfigRegister.Command, 2, (uint)ConfigCommand.Master)] // memory off
    [InlineData((int)ConfigRegister.BaseAddress0, 4, uint.MaxValue)] // BAR
    [InlineData((int)ConfigRegister.BaseAddress0 + 4, 4, 1u)] // its high half
    [InlineData(ModelDeviceConstants.PmCapability + (int)PowerRegister.Ctrl, 2, 3u)] // D3
    [InlineData(ModelDeviceConstants.ExpressCapability + (int)ExpressRegister.Devctl, 2, (uint)ExpressDeviceControl.BcrFlr)] // reset
    public void A_change_of_the_frozen_configuration_leads_to_ERROR(int offset, int size, uint value)
    {
        foreach (bool isRunning in new[] { false, true })
        {
            using Bench bench = new Bench().Connected().WithStream();
            bench.Enable(ConfigCommand.Memory | ConfigCommand.Master);
            bench.Locked();
            if (isRunning) bench.Running();
            bench.Tdi.WriteConfig(offset, size, value);
            Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
        }
    }

    [Fact]
    public void The_same_change_before_LOCK_is_legal_and_an_enabling_one_always()
    {
        using Bench bench = new Bench().Connected().WithStream();
        bench.Enable(ConfigCommand.Master);
        bench.Enable(ConfigCommand.Memory);
        Assert.Equal(TdiState.ConfigUnlocked, bench.Tdi.TdiState);

        bench.Locked();
        bench.Enable(ConfigCommand.Memory | ConfigCommand.Master);
        Assert.Equal(TdiState.ConfigLocked, bench.Tdi.TdiState);
    }

    [Fact]
    public void MSIX_is_frozen_if_the_lock_says_so()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked(LockFlags.LockMsix);
        bench.WriteBar(MsixPage, [1], tee: false);
        Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
    }

    [Fact]
    public void SRIOV_off_puts_the_virtual_functions_into_ERROR()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked();
        bench.Device.Functions[0].WriteConfig(ModelDeviceConstants.SriovCapability + (int)SriovRegister.Ctrl, sizeof(ushort), 0);
        Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
    }

    [Fact]
    public void Resets_clear_a_function_and_lead_from_ERROR_to_unlocked()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        bench.WriteBar(DataPage, [0x5A], tee: true);

        bench.Tdi.Reset();
        Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
        bench.Tdi.Reset();
        Assert.Equal(TdiState.ConfigUnlocked, bench.Tdi.TdiState);
        Assert.Equal(0, bench.ReadBar(DataPage, tee: false));
        Assert.True(bench.Device.HasSession);
    }

    [Fact]
    public void A_session_finds_nothing_of_the_streams_of_the_one_before_it()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked();
        IdeKeySlot slot = new(0, IdeDirection.Rx, IdeSubStream.Pr);
        bench.Connected();

        Assert.Equal(TdiState.Error, bench.Tdi.TdiState);
        Assert.Equal(KpAckStatus.UnspecifiedFailure, bench.ProgramKey(Bench.Stream, slot, new byte[IdeKmConstants.KeySize])); // it hasn't asked for the port
        byte[] start = new byte[IdeKmKey.ByteSize];
        IdeKmMessages.WriteStartKeySet(start, Bench.Stream, slot.KeySet, slot.Direction, slot.SubStream, portIndex: 0);
        byte[] answer = new byte[4096];
        SysResult length = bench.Device.Mailbox.Exchange(bench.Requester.Seal(PciProtocol.IdeKm, start), answer);
        Assert.False(bench.Requester.TryOpen(PciProtocol.IdeKm, answer.AsSpan(0, (int)length.Value), out byte[] _)); // nor is a key there to start
        Assert.True(bench.Requester.IsUp);
    }

    [Fact]
    public void A_reset_of_the_physical_function_ends_the_session()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        bench.Device.Functions[0].Reset();

        Assert.False(bench.Device.HasSession);
        Assert.NotEqual(TdiState.Run, bench.Tdi.TdiState);
    }

    [Fact]
    public void A_lock_concerns_one_function_only()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked().Running();
        Assert.All(bench.Device.Functions.Where(f => f != bench.Tdi), f => Assert.Equal(TdiState.ConfigUnlocked, f.TdiState));
    }

    [Fact]
    public void The_report_has_the_ranges_with_the_offset_of_the_lock()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked();
        ReadOnlySpan<byte> report = bench.Tdi.Interface.Report;
        Assert.True(TdispReport.TryRead(report, out TdispReport head));
        Assert.Equal(4u, head.MmioRangeCount);
        Assert.Equal(0, (ushort)head.InterfaceInfo & 0xFFE0);
        Assert.True(TdispMmioRange.TryRead(report[TdispReport.ByteSize..], out TdispMmioRange tee));
        Assert.Equal((bench.Tdi.BarAddress(0) + 0x1_0000) >> 12, tee.FirstPage);
        Assert.Equal(5u, tee.NumberOfPages);
        Assert.Equal(MmioAttributes.None, tee.RangeAttributes);
        int infoAt = TdispReport.ByteSize + (4 * TdispMmioRange.ByteSize);
        Assert.True(TdispReportDeviceInfo.TryRead(report[infoAt..], out TdispReportDeviceInfo info));
        Assert.Equal(report.Length, infoAt + TdispReportDeviceInfo.ByteSize + (int)info.DeviceSpecificInfoLen);
    }

    [Fact]
    public void A_BAR_tells_its_size_and_keeps_its_kind()
    {
        using Bench bench = new();
        bench.Tdi.WriteConfig((int)ConfigRegister.BaseAddress0, 4, uint.MaxValue);
        uint low = bench.Tdi.ReadConfig((int)ConfigRegister.BaseAddress0, 4);

        Assert.Equal(bench.Tdi.BarSize(0), ~(low & ~0xFul) + 1 & uint.MaxValue);
        Assert.Equal((uint)BarFlags.MemType64, low & 0xF);
        Assert.Equal(Refused, bench.Read(ModelRegister.Magic, tee: false)); // it decodes elsewhere now
    }

    [Theory]
    [InlineData(-4, 4)]
    [InlineData(4096, 4)]
    [InlineData(1, 2)]
    [InlineData(0, 3)]
    public void A_configuration_access_that_isnt_one_reads_all_ones(int offset, int size)
    {
        using Bench bench = new();
        bench.Tdi.WriteConfig(offset, size, 0);
        Assert.Equal(Refused, bench.Tdi.ReadConfig(offset, size));
    }

    [Fact]
    public void The_physical_function_shows_TDISP_DOE_and_IDE()
    {
        using Bench bench = new();
        PciFunctionModel function = bench.Device.Functions[0];
        uint capabilities = function.ReadConfig(ModelDeviceConstants.ExpressCapability + (int)ExpressRegister.Devcap, 4);
        Assert.True(((ExpressDeviceCapabilities)capabilities).HasFlag(ExpressDeviceCapabilities.Tee));

        List<ExtendedCapabilityId> found = [];
        for (uint offset = ConfigSpaceConstants.LegacySize; offset != 0; offset = function.ReadConfig((int)offset, 4) >> ConfigSpaceConstants.ExtendedNextShift)
            found.Add((ExtendedCapabilityId)(ushort)function.ReadConfig((int)offset, 4));
        Assert.Equal([ExtendedCapabilityId.Sriov, ExtendedCapabilityId.Doe, ExtendedCapabilityId.Ide], found);
        Assert.Null(bench.Tdi.Mailbox);
    }
}
