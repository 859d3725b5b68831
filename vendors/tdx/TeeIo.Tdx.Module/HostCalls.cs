using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Module.Devices;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module;

/// <summary>Hands each of the host's calls to the part of the module that it concerns.</summary>
internal sealed class HostCalls(
    TdxModuleOptions options,
    SystemState system,
    TdLife life,
    TdMemory memory,
    PageOwnership pages,
    SpdmTable sessions,
    IdeStreamTable streams,
    IommuTable iommus,
    TdiTable tdis,
    MmioOwnership owners,
    PrivateMmio mmio,
    DmarTable dmar) : ISeamcallServer
{
    public ulong SysRd(ulong field, out ulong nextField, out ulong value) => system.Read(field, out nextField, out value);

    public ulong SysConfig(ulong tdmrs, ulong count, ushort hkid, TdxFeatures0 features, ulong epochSeconds) => system.Configure(count, hkid, features);

    public ulong MngCreate(ulong page, ushort hkid) => life.Create(page, hkid);

    public ulong MngKeyConfig(TdrId tdr) => life.ConfigureKey(tdr);

    public ulong MngInit(TdrId tdr, ulong @params, out ulong cpuid)
    {
        cpuid = 0;
        return life.Initialise(tdr, @params);
    }

    public ulong VpCreate(ulong page, TdrId tdr) => life.CreateVcpu(page, tdr);

    public ulong VpInit(TdvprId tdvpr, ulong initialRcx, uint x2apicId) => life.InitialiseVcpu(tdvpr);

    public ulong MrFinalize(TdrId tdr) => life.Finalise(tdr);

    public ulong VpFlush(TdvprId tdvpr) => life.FlushVcpu(tdvpr);

    public ulong MngVpflushdone(TdrId tdr) => life.FlushDone(tdr);

    public ulong PhymemCacheWb(ulong resume) => life.WriteBackCaches(resume);

    public ulong MngKeyFreeid(TdrId tdr) => life.FreeKey(tdr);

    public ulong PhymemPageReclaim(ulong page, out PageType pageType, out ulong owner, out byte size)
    {
        size = 0;
        return life.Reclaim(page, out pageType, out owner);
    }

    public ulong PhymemPageWbinvd(ulong page) => pages.Flush(page & ((1UL << options.KeyIdShift) - 1), TdxOperandId.Rcx);

    public ulong MemPageAdd(byte level, ulong gpaPage, TdrId tdr, ulong page, ulong content, out ulong septEntry, out byte septLevel, out SeptState septState) =>
        Explain(memory.Add(level, gpaPage, tdr, page, content), tdr, gpaPage, out septEntry, out septLevel, out septState);

    public ulong MemPageAug(byte level, ulong gpaPage, TdrId tdr, ulong page, out ulong septEntry, out byte septLevel, out SeptState septState) =>
        Explain(memory.Augment(level, gpaPage, tdr, page), tdr, gpaPage, out septEntry, out septLevel, out septState);

    public ulong MemRangeBlock(byte level, ulong gpaPage, TdrId tdr, out ulong septEntry, out byte septLevel, out SeptState septState) =>
        Explain(memory.Block(level, gpaPage, tdr), tdr, gpaPage, out septEntry, out septLevel, out septState);

    public ulong MemTrack(TdrId tdr) => memory.Track(tdr);

    public ulong MemPageRemove(byte level, ulong gpaPage, TdrId tdr, out ulong page, out byte septLevel, out SeptState septState) =>
        Explain(memory.Remove(level, gpaPage, tdr, out page), tdr, gpaPage, out _, out septLevel, out septState);

    public ulong IommuSetup(ulong vtbar, ulong metadata, out IommuId iommuId) => iommus.SetUp(vtbar, metadata, out iommuId);

    public ulong IommuClear(IommuId iommuId, ulong metadata) => iommus.Clear(iommuId, metadata, dmar.HasEntries(iommuId.Value));

    public ulong SpdmCreate(HostFunctionId functionId, ulong metadata, out SpdmId spdmId) => sessions.Create(functionId, metadata, out spdmId);

    public ulong SpdmDelete(SpdmId spdmId, ulong releaseRoot, out ulong pages) => sessions.Delete(spdmId, releaseRoot, out pages);

    public ulong SpdmConnect(SpdmId spdmId, ulong configPage, ulong responsePage, ulong requestPage, ulong devInfo, out ulong length) =>
        sessions.Connect(spdmId, configPage, responsePage, requestPage, devInfo, out length);

    public ulong SpdmDisconnect(SpdmId spdmId, ulong responsePage, ulong requestPage, out ulong length) =>
        sessions.Disconnect(spdmId, responsePage, requestPage, out length);

    public ulong SpdmMng(SpdmId spdmId, SpdmMngOp op, ulong parameter, ulong responsePage, ulong requestPage, ulong output, out ulong length) =>
        sessions.Manage(spdmId, op, parameter, responsePage, requestPage, output, out length);

    public ulong IdeStreamCreate(
        byte rootPort,
        IdeStreamType streamType,
        SpdmId spdmId,
        ulong metadata,
        ulong control,
        ulong ridAssoc1,
        ulong ridAssoc2,
        ulong addrAssoc1,
        ulong addrAssoc2,
        ulong addrAssoc3,
        out StreamId streamId,
        out ulong rpIdeId) => streams.Create(streamType, spdmId, metadata, control, RidAssociation.Read(ridAssoc1, ridAssoc2), out streamId, out rpIdeId);

    public ulong IdeStreamKm(SpdmId spdmId, StreamId streamId, IdeKmOp op, ulong responsePage, ulong requestPage, out ulong length) =>
        streams.ManageKeys(spdmId, streamId, op, responsePage, requestPage, out length);

    public ulong IdeStreamBlock(SpdmId spdmId, StreamId streamId) => streams.Block(spdmId, streamId);

    public ulong IdeStreamDelete(SpdmId spdmId, StreamId streamId, ulong releaseRoot, out ulong pages) => streams.Delete(spdmId, streamId, releaseRoot, out pages);

    public ulong TdimtAdd(byte level, HostFunctionId functionId, ulong page) => tdis.AddLeaf(level, functionId, page);

    public ulong TdimtRemove(byte level, HostFunctionId functionId, out ulong page) => tdis.RemoveLeaf(level, functionId, out page);

    public ulong TdiCreate(ushort iommuId, byte streamId, HostFunctionId functionId, TdrId tdr, ulong controlPage, ulong guestFunctionId) =>
        tdis.Create(iommuId, streamId, functionId, tdr, controlPage, guestFunctionId);

    public ulong TdiRemove(HostFunctionId functionId, out ulong controlPage) => tdis.Remove(functionId, out controlPage);

    public ulong TdiBind(HostFunctionId functionId, ulong responsePage, ulong requestPage, ushort lockFlags, out ulong length) =>
        tdis.Bind(functionId, responsePage, requestPage, lockFlags, out length);

    public ulong TdiStart(HostFunctionId functionId, ulong responsePage, ulong requestPage, out ulong length) => tdis.Start(functionId, responsePage, requestPage, out length);

    public ulong TdiStop(HostFunctionId functionId, ulong responsePage, ulong requestPage, out ulong length) => tdis.Stop(functionId, responsePage, requestPage, out length);

    public ulong TdiGetState(HostFunctionId functionId, ulong responsePage, ulong requestPage, out ulong length, out byte state) =>
        tdis.GetState(functionId, responsePage, requestPage, out length, out state);

    public ulong TdiGetReport(HostFunctionId functionId, ulong responsePage, ulong requestPage, ulong report, out ulong length) =>
        tdis.GetReport(functionId, responsePage, requestPage, report, out length);

    public ulong MmiomtAdd(byte level, ulong mmioPage, ulong page) => owners.AddLeaf(level, mmioPage, page);

    public ulong MmiomtSet(byte level, ulong mmioPage, MmiomtType entryType, HostFunctionId functionId) => owners.Set(level, mmioPage, entryType, functionId);

    public ulong MmiomtRemove(byte level, ulong mmioPage, out ulong page) => owners.RemoveLeaf(level, mmioPage, out page);

    public ulong MmioMap(byte level, ulong gpaPage, TdrId tdr, ulong hostAddress, out ulong septEntry, out byte septLevel, out SeptState septState) =>
        Explain(mmio.Map(level, gpaPage, tdr, hostAddress), tdr, gpaPage, out septEntry, out septLevel, out septState);

    public ulong MmioBlock(byte level, ulong gpaPage, TdrId tdr, out ulong septEntry, out byte septLevel, out SeptState septState) =>
        Explain(mmio.Block(level, gpaPage, tdr), tdr, gpaPage, out septEntry, out septLevel, out septState);

    public ulong MmioUnmap(byte level, ulong gpaPage, TdrId tdr, out ulong septEntry, out byte septLevel, out SeptState septState, out ulong page) =>
        Explain(mmio.Unmap(level, gpaPage, tdr, out page), tdr, gpaPage, out septEntry, out septLevel, out septState);

    public ulong DmarAdd(
        DmarLevel level,
        uint pasid,
        ushort rid,
        ushort iommuId,
        ulong tdr,
        ulong entry0,
        ulong entry1,
        ulong entry2,
        ulong entry3,
        ulong entry4,
        ulong entry5,
        ulong entry6,
        ulong entry7)
    {
        bool isLong = (entry4 | entry5 | entry6 | entry7) != 0;
        bool hasMore = isLong || (level != DmarLevel.Cte && (entry1 | entry2 | entry3) != 0);
        return dmar.Add(DmarKey.Of(iommuId, level, rid, pasid), tdr, entry0, hasMore);
    }

    public ulong DmarBlock(DmarLevel level, uint pasid, ushort rid, ushort iommuId) => dmar.Block(DmarKey.Of(iommuId, level, rid, pasid));

    public ulong DmarRemove(DmarLevel level, uint pasid, ushort rid, ushort iommuId, out ulong table) => dmar.Remove(DmarKey.Of(iommuId, level, rid, pasid), out table);

    public ulong IqInvRequest(IommuId iommuId, InvType invType, ulong subject, ulong wait0, ulong wait1, ulong wait2, ulong wait3) =>
        dmar.RequestInvalidation(iommuId, invType, subject);

    public ulong IqInvProcess(IommuId iommuId) => iommus.Process(iommuId);

    public ulong ReservedOperand(CallInfo call, Register register) => Outcome.Invalid((TdxOperandId)(int)register);

    public ulong UnknownCall(ref RegisterFile registers) => Outcome.Invalid(TdxOperandId.Rax);

    /// <summary>Adds to a failure what the secure EPT has at the address.</summary>
    private Outcome Explain(Outcome outcome, TdrId tdr, ulong gpaPage, out ulong septEntry, out byte septLevel, out SeptState septState)
    {
        (septEntry, septLevel) = (0, 0);
        septState = outcome.IsSuccess ? SeptState.Free : memory.StateOf(tdr, gpaPage);
        return outcome;
    }
}
