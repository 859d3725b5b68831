using TeeIo.Pci.ModelDevice;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>What each call gives in the wrong order, or with what isn't the caller's. Contention is off, so that the first answer is the one.</summary>
public sealed class WrongOrderTests
{
    private const ulong Page = PhysicalMemory.PageSize;
    private const ulong Gpa = ModuleBench.Gpa;

    private static readonly Dictionary<string, (Stage Stage, Func<ModuleBench, ulong> Call, TdxStatus Status)> s_cases = new()
    {
        ["config twice"] = (Stage.Booted, b => b.Configure(), TdxStatus.SysConfigNotPending),
        ["unknown field"] = (Stage.Booted, b => b.Host.TrySysRd(1, out _, out _), TdxStatus.MetadataFieldIdIncorrect),
        ["IOMMU that isn't there"] = (Stage.Booted, b => b.Host.TryIommuSetup(0x1000, b.Page(), out _), TdxStatus.OperandInvalid),
        ["IOMMU twice"] = (Stage.Booted, b => b.SetUpIommu(b.Page(), out _), TdxStatus.IommuInvalidState),
        ["IOMMU cleared with entries"] = (Stage.Offered, b => b.Host.TryIommuClear(b.Iommu, b.Page()), TdxStatus.IommuInvalidState),

        ["TD with the host's key"] = (Stage.Booted, b => b.Host.TryMngCreate(b.Page(), 0), TdxStatus.OperandInvalid),
        ["TD with another's key"] = (Stage.Td, b => b.Host.TryMngCreate(b.Page(), ModuleBench.KeyOf(0)), TdxStatus.HkidNotFree),
        ["TD on a page in use"] = (Stage.Td, b => b.Host.TryMngCreate(b.Td.Vcpu.Value, ModuleBench.KeyOf(1)), TdxStatus.PageMetadataIncorrect),
        ["key configured twice"] = (Stage.Td, b => b.Host.TryMngKeyConfig(b.Td.Tdr), TdxStatus.KeyConfigured),
        ["TD initialised twice"] = (Stage.Td, b => b.Host.TryMngInit(b.Td.Tdr, b.Page(), out _), TdxStatus.OpStateIncorrect),
        ["vCPU after finalize"] = (Stage.Td, b => b.Host.TryVpCreate(b.Page(), b.Td.Tdr), TdxStatus.OpStateIncorrect),
        ["vCPU initialised after finalize"] = (Stage.Td, b => b.Host.TryVpInit(b.Td.Vcpu, 0, 0), TdxStatus.OpStateIncorrect),
        ["finalize twice"] = (Stage.Td, b => b.Host.TryMrFinalize(b.Td.Tdr), TdxStatus.OpStateIncorrect),
        ["page with content after finalize"] = (Stage.Td, b => b.Host.TryMemPageAdd(0, 1, b.Td.Tdr, b.Page(), b.Page(), out _, out _, out _), TdxStatus.OpStateIncorrect),
        ["page where one is"] = (Stage.Td, b => b.Host.TryMemPageAug(0, ModuleBench.BufferGpa / Page, b.Td.Tdr, b.Page(), out _, out _, out _), TdxStatus.EptEntryNotFree),
        ["page that the module has"] = (Stage.Td, b => b.Host.TryMemPageAug(0, 1, b.Td.Tdr, b.Td.Vcpu.Value, out _, out _, out _), TdxStatus.PageMetadataIncorrect),
        ["block of nothing"] = (Stage.Td, b => b.Host.TryMemRangeBlock(0, 1, b.Td.Tdr, out _, out _, out _), TdxStatus.EptWalkFailed),
        ["remove before block"] = (Stage.Td, b => b.Host.TryMemPageRemove(0, ModuleBench.BufferGpa / Page, b.Td.Tdr, out _, out _, out _), TdxStatus.GpaRangeNotBlocked),
        ["remove before track"] = (Stage.Td, b => BlockThen(b, () => b.Host.TryMemPageRemove(0, ModuleBench.BufferGpa / Page, b.Td.Tdr, out _, out _, out _)), TdxStatus.TlbTrackingNotDone),
        ["block twice"] = (Stage.Td, b => BlockThen(b, () => b.Host.TryMemRangeBlock(0, ModuleBench.BufferGpa / Page, b.Td.Tdr, out _, out _, out _)), TdxStatus.GpaRangeAlreadyBlocked),
        ["flush done before flush"] = (Stage.Td, b => b.Host.TryMngVpflushdone(b.Td.Tdr), TdxStatus.FlushvpNotDone),
        ["flush twice"] = (Stage.Td, b => FlushThen(b, () => b.Host.TryVpFlush(b.Td.Vcpu)), TdxStatus.VcpuNotAssociated),
        ["key freed before flush done"] = (Stage.Td, b => b.Host.TryMngKeyFreeid(b.Td.Tdr), TdxStatus.LifecycleStateIncorrect),
        ["key freed before write back"] = (Stage.Td, b => FlushThen(b, () => DoneThen(b, () => b.Host.TryMngKeyFreeid(b.Td.Tdr))), TdxStatus.WbcacheNotComplete),
        ["write back with nothing to write"] = (Stage.Td, b => b.Host.TryPhymemCacheWb(0), TdxStatus.NoHkidReadyToWbcache),
        ["write back resumed before it began"] = (Stage.Td, b => b.Host.TryPhymemCacheWb(1), TdxStatus.WbcacheResumeError),
        ["reclaim before teardown"] = (Stage.Td, b => b.Host.TryPhymemPageReclaim(b.Td.Vcpu.Value, out _, out _, out _), TdxStatus.LifecycleStateIncorrect),
        ["reclaim of a free page"] = (Stage.Td, b => b.Host.TryPhymemPageReclaim(b.Page(), out _, out _, out _), TdxStatus.PageMetadataIncorrect),
        ["root reclaimed first"] = (Stage.Td, b => FlushThen(b, () => DoneThen(b, () => FreeThen(b, () => b.Host.TryPhymemPageReclaim(b.Td.Tdr.Value, out _, out _, out _)))), TdxStatus.TdAssociatedPagesExist),
        ["flush of a page in use"] = (Stage.Td, b => b.Host.TryPhymemPageWbinvd(b.Td.Vcpu.Value), TdxStatus.PageMetadataIncorrect),
        ["TD flushed for good with a TDI"] = (Stage.Owned, b => FlushThen(b, () => b.Host.TryMngVpflushdone(b.Td.Tdr)), TdxStatus.TdHasAttachedDevices),

        ["second session"] = (Stage.Connected, b => b.Host.TrySpdmCreate(b.Pf, b.Several(b.Page(), b.Page(), b.Page()), out _), TdxStatus.SpdmEntryAlreadyPresent),
        ["connect twice"] = (Stage.Connected, b => b.Host.TrySpdmConnect(b.Session.Spdm, b.Page(), b.Response, b.Request, 0, out _), TdxStatus.SpdmInvalidState),
        ["session that isn't there"] = (Stage.Td, b => b.Host.TrySpdmDisconnect(new SpdmId(7), b.Response, b.Request, out _), TdxStatus.SpdmEntryNotPresent),
        ["disconnect with a stream"] = (Stage.Connected, b => b.Host.TrySpdmDisconnect(b.Session.Spdm, b.Response, b.Request, out _), TdxStatus.SpdmHasActiveIdeStreams),
        ["delete with a stream"] = (Stage.Connected, b => b.Host.TrySpdmDelete(b.Session.Spdm, b.Page(), out _), TdxStatus.SpdmHasActiveIdeStreams),
        ["stream over the same functions"] = (Stage.Connected, b => SecondStream(b), TdxStatus.RidOverlap),
        ["keys set up twice"] = (Stage.Connected, b => b.Session.ManageKeys(IdeKmOp.Setup), TdxStatus.IdeStreamInvalidState),
        ["stream deleted before block"] = (Stage.Connected, b => b.Host.TryIdeStreamDelete(b.Session.Spdm, b.Session.Stream, 0, out _), TdxStatus.IdeStreamNotBlocked),
        ["stream deleted with a TDI"] = (Stage.Owned, b => BlockStreamThen(b, () => b.Host.TryIdeStreamDelete(b.Session.Spdm, b.Session.Stream, 0, out _)), TdxStatus.IdeStreamHasDeviceInterfaces),
        ["stream blocked twice"] = (Stage.Connected, b => BlockStreamThen(b, () => b.Host.TryIdeStreamBlock(b.Session.Spdm, b.Session.Stream)), TdxStatus.IdeStreamBlocked),
        ["keys of a blocked stream"] = (Stage.Connected, b => BlockStreamThen(b, () => b.Session.ManageKeys(IdeKmOp.Refresh)), TdxStatus.IdeStreamBlocked),

        ["TDI without a leaf"] = (Stage.Connected, b => b.Tdi.Create(b.Page()), TdxStatus.TdiNotPresent),
        ["leaf twice"] = (Stage.Owned, b => b.Model.TryTdimtAdd(0, b.Vf, b.Page()), TdxStatus.DevifmtAlreadyPresent),
        ["TDI twice"] = (Stage.Owned, b => b.Tdi.Create(b.Page()), TdxStatus.TdiInvalidState),
        ["TDI on a blocked stream"] = (Stage.Connected, b => BlockStreamThen(b, () => LeafThen(b, () => b.Tdi.Create(b.Page()))), TdxStatus.IdeStreamBlocked),
        ["leaf removed under a TDI"] = (Stage.Owned, b => b.Model.TryTdimtRemove(0, b.Vf, out _), TdxStatus.TdiInvalidState),
        ["report before lock"] = (Stage.Owned, b => b.Tdi.ReadReport(), TdxStatus.TdiInvalidState),
        ["start before lock"] = (Stage.Owned, b => b.Tdi.Start(), TdxStatus.TdiInvalidState),
        ["lock twice"] = (Stage.Locked, b => b.Tdi.Bind(), TdxStatus.TdiInvalidState),
        ["start without the TD's consent"] = (Stage.Accepted, b => b.Tdi.Start(), TdxStatus.TdiInvalidState),
        ["start of a TDI that isn't there"] = (Stage.Connected, b => b.Tdi.Start(), TdxStatus.TdiNotPresent),
        ["remove while locked"] = (Stage.Locked, b => b.Model.TryTdiRemove(b.Vf, out _), TdxStatus.TdiInvalidState),
        ["remove while running"] = (Stage.Running, b => b.Model.TryTdiRemove(b.Vf, out _), TdxStatus.TdiInvalidState),
        ["remove with MMIO"] = (Stage.Stopped, b => b.Model.TryTdiRemove(b.Vf, out _), TdxStatus.DevifHasMappedMmio),
        ["remove with DMA"] = (Stage.Stopped, b => UnmapMmioThen(b, () => b.Model.TryTdiRemove(b.Vf, out _)), TdxStatus.DevifHasMappedDma),

        ["MMIO mapped before lock"] = (Stage.Owned, b => b.Tdi.Map(Gpa, b.Tdi.Bar), TdxStatus.TdiInvalidState),
        ["MMIO that nobody owns"] = (Stage.Locked, b => b.Tdi.Map(Gpa, b.Tdi.Bar + (ModelDeviceConstants.BarPages * Page)), TdxStatus.MmiomtNotPresent),
        ["memory as MMIO"] = (Stage.Locked, b => b.Tdi.Map(Gpa, b.Page()), TdxStatus.OperandInvalid),
        ["MMIO mapped twice"] = (Stage.Offered, b => b.Tdi.Map(Gpa + (16 * Page), b.Tdi.Bar), TdxStatus.MmioInvalidPageMetadata),
        ["MMIO where a page is"] = (Stage.Locked, b => b.Tdi.Map(ModuleBench.BufferGpa, b.Tdi.Bar), TdxStatus.EptEntryNotFree),
        ["MMIO removed as memory"] = (Stage.Offered, b => b.Host.TryMemRangeBlock(0, Gpa / Page, b.Td.Tdr, out _, out _, out _), TdxStatus.EptEntryStateIncorrect),
        ["MMIO metadata removed in use"] = (Stage.Offered, b => b.Model.TryMmiomtRemove(0, b.Tdi.Bar / Page, out _), TdxStatus.MmioInvalidPageMetadata),
        ["MMIO given to another TDI"] = (Stage.Owned, b => b.Model.TryMmiomtSet(0, b.Tdi.Bar / Page, MmiomtType.Data, b.OtherVf), TdxStatus.TdiNotPresent),
        ["unmap before block"] = (Stage.Stopped, b => b.Tdi.Unmap(Gpa), TdxStatus.GpaRangeNotBlocked),
        ["unmap before track"] = (Stage.Stopped, b => BlockMmioThen(b, () => b.Tdi.Unmap(Gpa)), TdxStatus.TlbTrackingNotDone),
        ["unmap before IOTLB tracking"] = (Stage.Stopped, b => BlockMmioThen(b, () => TrackThen(b, () => b.Tdi.Unmap(Gpa))), TdxStatus.IommuIotlbTrackingNotDone),
        ["unmap with an invalidation that isn't processed"] =
            (Stage.Stopped, b => BlockMmioThen(b, () => TrackThen(b, () => { b.Must(() => b.Tdi.InvalidateIotlb()); return b.Tdi.Unmap(Gpa); })), TdxStatus.IommuIotlbTrackingNotDone),
        ["unmap with an invalidation from before the block"] =
            (Stage.Stopped, b => InvalidateThen(b, () => BlockMmioThen(b, () => TrackThen(b, () => b.Tdi.Unmap(Gpa)))), TdxStatus.IommuIotlbTrackingNotDone),
        ["unmap while running"] = (Stage.Running, b => BlockMmioThen(b, () => TrackThen(b, () => InvalidateThen(b, () => b.Tdi.Unmap(Gpa)))), TdxStatus.DevifTdispInvalidState),
        ["MMIO blocked twice"] = (Stage.Stopped, b => BlockMmioThen(b, () => b.Tdi.BlockMmio(Gpa)), TdxStatus.GpaRangeAlreadyBlocked),

        ["DMA entry without the level above"] = (Stage.Locked, b => b.Tdi.AddDma(DmarLevel.Pasidte, 0), TdxStatus.DmarEntryNotPresent),
        ["DMA entry twice"] = (Stage.Offered, b => b.Tdi.AddDma(DmarLevel.Pasidte, 0), TdxStatus.DmarInvalidMappingState),
        ["DMA table with entries blocked"] = (Stage.Offered, b => b.Tdi.BlockDma(DmarLevel.Pde), TdxStatus.DmarInvalidMappingState),
        ["DMA entry removed before block"] = (Stage.Stopped, b => b.Tdi.RemoveDma(DmarLevel.Pasidte), TdxStatus.DmarInvalidMappingState),
        ["DMA entry removed before invalidation"] = (Stage.Stopped, b => BlockDmaThen(b, () => b.Tdi.RemoveDma(DmarLevel.Pasidte)), TdxStatus.DmarInvalidInvState),
        ["DMA entry invalidated before block"] = (Stage.Stopped, b => b.Tdi.Invalidate(InvType.Pasidte), TdxStatus.DmarInvalidMappingState),
        ["DMA entry that isn't there"] = (Stage.Locked, b => b.Tdi.BlockDma(DmarLevel.Rte), TdxStatus.DmarEntryNotPresent),

        ["guest reads a TDI that isn't there"] = (Stage.Connected, b => b.Tdi.Read(TdiField.GetTdispState, 0, out _), TdxStatus.TdiNotPresent),
        ["guest reads a TDI that was taken away"] = (Stage.Removed, b => b.Tdi.Read(TdiField.GetTdispState, 0, out _), TdxStatus.TdiInvalidMetadata),
        ["guest reads the bind before lock"] = (Stage.Owned, b => b.Tdi.Read(TdiField.GetBindSessionId, 0, out _), TdxStatus.TdiInvalidState),
        ["guest reads the report's hash before lock"] = (Stage.Owned, b => b.Tdi.Read(TdiField.GetTdispReportHash, ModuleBench.BufferGpa, out _), TdxStatus.TdiInvalidState),
        ["guest takes a hash into a page that isn't there"] = (Stage.Locked, b => b.Tdi.Read(TdiField.GetTdispReportHash, 0x1000, out _), TdxStatus.PageMetadataIncorrect),
        ["guest takes a hash into shared memory"] = (Stage.Locked, b => b.Tdi.Read(TdiField.GetTdispReportHash, 1UL << (TdcallConstants.GpaWidth - 1), out _), TdxStatus.OperandAddrRangeError),
        ["guest consents before lock"] = (Stage.Owned, b => b.Td.Guest.TryTdiStart(ModuleBench.GuestId, 1), TdxStatus.TdiInvalidState),
        ["guest consents to another bind"] = (Stage.Locked, b => b.Td.Guest.TryTdiStart(ModuleBench.GuestId, b.Tdi.SessionId + 1), TdxStatus.OperandInvalid),
        ["guest accepts DMA that isn't offered"] = (Stage.Locked, b => b.Td.Guest.TryDmarAccept(ModuleBench.GuestId, 0), TdxStatus.DmarInvalidMappingState),
        ["guest accepts DMA twice"] = (Stage.Accepted, b => b.Td.Guest.TryDmarAccept(ModuleBench.GuestId, 0), TdxStatus.DmarInvalidMappingState),
        ["guest accepts DMA after stop"] = (Stage.Stopped, b => b.Td.Guest.TryDmarAccept(ModuleBench.GuestId, 0), TdxStatus.TdiInvalidState),
        ["guest accepts DMA for an L2 VM"] = (Stage.Offered, b => b.Td.Guest.TryDmarAccept(ModuleBench.GuestId, 1), TdxStatus.OperandInvalid),
        ["guest accepts MMIO before lock"] = (Stage.Owned, b => b.Tdi.Accept(Gpa, 1, 0), TdxStatus.TdiInvalidState),
        ["guest accepts MMIO twice"] = (Stage.Accepted, b => b.Tdi.Accept(Gpa, 1, 0), TdxStatus.PageAlreadyAccepted),
        ["guest accepts MMIO at another offset"] = (Stage.Offered, b => b.Tdi.Accept(Gpa, 1, 1), TdxStatus.MmioInvalidHpaOffset),
        ["guest accepts MMIO past the range"] = (Stage.Offered, b => b.Tdi.Accept(Gpa, 9, 0), TdxStatus.OperandInvalid),
        ["guest accepts MMIO of no range"] = (Stage.Offered, b => b.Tdi.Accept(Gpa, 1, 0, range: 99), TdxStatus.OperandInvalid),
        ["guest accepts MMIO that is memory"] = (Stage.Offered, b => b.Tdi.Accept(ModuleBench.BufferGpa, 1, 0), TdxStatus.MmioInvalidPageMetadata),
        ["guest accepts MMIO of a TDI that isn't its own"] = (Stage.Offered, b => b.Tdi.Accept(Gpa, 1, 0, 0, new FunctionId(0x10)), TdxStatus.TdiNotPresent),
        ["guest accepts a page twice"] = (Stage.Td, b => b.Td.Guest.TryMemPageAccept(PageLevel.Size4k, ModuleBench.BufferGpa / Page), TdxStatus.PageAlreadyAccepted),
        ["guest accepts a large page"] = (Stage.Td, b => b.Td.Guest.TryMemPageAccept(PageLevel.Size2m, ModuleBench.BufferGpa / Page), TdxStatus.PageSizeMismatch),
        ["guest reads an unknown field"] = (Stage.Td, b => b.Td.Guest.TryVmRd(1, out _), TdxStatus.MetadataFieldIdIncorrect),
        ["guest shows a register that may not leave"] =
            (Stage.Td, b => b.Td.Guest.TryVpVmcall(1, 0, 0, 0, 0, 0, 0, out _, out _, out _, out _, out _, out _), TdxStatus.OperandInvalid),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wrong_order_has_its_status(string name)
    {
        (Stage stage, Func<ModuleBench, ulong> call, TdxStatus status) = s_cases[name];
        using ModuleBench bench = ModuleBench.At(stage, hasContention: false);

        Assert.Equal(status, ModuleBench.StatusOf(call(bench)));
    }

    private static ulong BlockThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Host.TryMemRangeBlock(0, ModuleBench.BufferGpa / Page, b.Td.Tdr, out _, out _, out _), then);

    private static ulong FlushThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Host.TryVpFlush(b.Td.Vcpu), then);

    private static ulong DoneThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Host.TryMngVpflushdone(b.Td.Tdr), then);

    private static ulong FreeThen(ModuleBench b, Func<ulong> then)
    {
        b.Host.TryPhymemCacheWb(0);
        return After(b, () => b.Host.TryPhymemCacheWb(1), () => After(b, () => b.Host.TryMngKeyFreeid(b.Td.Tdr), then));
    }

    private static ulong BlockStreamThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Host.TryIdeStreamBlock(b.Session.Spdm, b.Session.Stream), then);

    private static ulong LeafThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Model.TryTdimtAdd(0, b.Vf, b.Page()), then);

    private static ulong BlockMmioThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Tdi.BlockMmio(Gpa), then);

    private static ulong TrackThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Host.TryMemTrack(b.Td.Tdr), then);

    private static ulong BlockDmaThen(ModuleBench b, Func<ulong> then) => After(b, () => b.Tdi.BlockDma(DmarLevel.Pasidte), then);

    private static ulong InvalidateThen(ModuleBench b, Func<ulong> then) =>
        After(b, () => b.Tdi.InvalidateIotlb(), () => After(b, () => b.Model.TryIqInvProcess(b.Iommu), then));

    private static ulong UnmapMmioThen(ModuleBench b, Func<ulong> then)
    {
        b.Tdi.UnmapMmio();
        return then();
    }

    private static ulong SecondStream(ModuleBench b) => b.Session.CreateStream(b.Vf, b.Vf, b.Page(), out _);

    private static ulong After(ModuleBench b, Func<ulong> first, Func<ulong> then)
    {
        b.Must(first);
        return then();
    }
}
