using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Devices;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Module;

/// <summary>The guest's calls, of one virtual CPU. An access that isn't mapped leaves the guest and is tried again when the kernel has mapped it.</summary>
internal sealed class GuestCalls(
    IVirtualCpu vcpu, Func<Td?> findTd, TdMemory privateMemory, TdiTable tdis, PrivateMmio mmio, DmarTable dmar, PhysicalMemory memory, FirstTries tries) : ITdcallServer
{
    public ulong VpVmcall(
        ulong mask,
        ulong inR10,
        ulong inR11,
        ulong inR12,
        ulong inR13,
        ulong inR14,
        ulong inR15,
        out ulong r10,
        out ulong r11,
        out ulong r12,
        out ulong r13,
        out ulong r14,
        out ulong r15)
    {
        ReadOnlySpan<ulong> shown = [inR10, inR11, inR12, inR13, inR14, inR15];
        Span<ulong> results = [.. shown];
        Outcome outcome = VmCalls.IsMaskValid(mask) ? VmCalls.Leave(vcpu, mask, results) : Outcome.Invalid(TdxOperandId.Rcx);
        (r10, r11, r12, r13, r14, r15) = (results[0], results[1], results[2], results[3], results[4], results[5]);
        return outcome;
    }

    public ulong VpInfo(out byte gpaWidth, out ulong attributes, out uint numVcpus, out uint maxVcpus, out ulong vcpuIndex, out bool sysRd)
    {
        (gpaWidth, attributes, numVcpus, maxVcpus, vcpuIndex, sysRd) = (0, 0, 0, 0, (ulong)vcpu.Index, false);
        if (findTd() is not { } td) return (Outcome)TdxStatus.LifecycleStateIncorrect;
        (gpaWidth, attributes, numVcpus, maxVcpus) = ((byte)td.GpaWidth, td.Attributes, (uint)td.Vcpus.Count, (uint)td.MaxVcpus);
        return Outcome.Success;
    }

    public ulong VmRd(ulong field, out ulong value)
    {
        value = 0;
        if (findTd() is not { } td) return (Outcome)TdxStatus.LifecycleStateIncorrect;
        switch (field)
        {
            case TdcallConstants.ConfigFlags: value = (ulong)td.ConfigFlags; break;
            case TdcallConstants.TdAttributes: value = td.Attributes; break;
            default: return (Outcome)TdxStatus.MetadataFieldIdIncorrect;
        }

        return Outcome.Success;
    }

    public ulong MemPageAccept(PageLevel level, ulong gpaPage)
    {
        while (true)
        {
            if (findTd() is not { } td) return (Outcome)TdxStatus.LifecycleStateIncorrect;
            Outcome outcome = privateMemory.Accept(td, level, gpaPage);
            if (outcome != TdxStatus.EptEntryFree) return outcome;
            if (!Fault(gpaPage)) return Outcome.Invalid(TdxOperandId.Rcx);
        }
    }

    public ulong MemPageRelease(
        PageLevel level, ulong gpaPage, out PageLevel releasedLevel, out ulong releasedPage, out bool wasMmio, out bool wasPending)
    {
        (releasedLevel, releasedPage, wasMmio, wasPending) = (PageLevel.Size4k, gpaPage, false, false);
        if (findTd() is not { } td) return (Outcome)TdxStatus.LifecycleStateIncorrect;
        Outcome outcome = TdMemory.Release(td, level, gpaPage, out SeptEntry released);
        if (outcome.IsSuccess) (wasMmio, wasPending) = (released.IsMmio, released.State == SeptState.Pending);
        return outcome;
    }

    public ulong TdiRd(FunctionId functionId, TdiField field, ulong bufferGpa, out ulong value)
    {
        value = 0;
        Outcome found = FindTdi(functionId, TdxOperandId.Rcx, out TdiContext tdi);
        if (!found.IsSuccess) return found;
        if (tries.IsFirst(nameof(TdiRd), functionId.Value)) return Outcome.Of(TdxStatus.OperandBusy, TdxOperandId.Rcx);
        switch (field)
        {
            case TdiField.GetTdispVersion: value = Pci.Tdisp.TdispConstants.TdispVersion10; break;
            case TdiField.GetTdispState: value = (ulong)tdi.State; break;
            case TdiField.GetBindSessionId when tdi.BindSessionId != 0: value = tdi.BindSessionId; break;
            case TdiField.GetTdispReportHash when tdi.Report is not null: return GiveHash(tdi.Td, tdi.Report.Hash.Span, bufferGpa, out value);
            case TdiField.GetDeviceAttestationInfoHash: return GiveHash(tdi.Td, tdi.Stream.Session.DeviceInfoHash, bufferGpa, out value);
            case TdiField.GetBindSessionId or TdiField.GetTdispReportHash: return (Outcome)TdxStatus.TdiInvalidState;
            default: return Outcome.Invalid(TdxOperandId.Rdx);
        }

        if (bufferGpa == 0) return Outcome.Success;
        value = 0;
        return Outcome.Invalid(TdxOperandId.R8);
    }

    /// <summary>Authorises the start of the bind whose number the guest gives. A wrong number is refused as an operand: which status it really gives is public nowhere.</summary>
    public ulong TdiStart(FunctionId functionId, ulong bindSessionId)
    {
        Outcome found = FindTdi(functionId, TdxOperandId.Rcx, out TdiContext tdi);
        if (!found.IsSuccess) return found;
        if (tdi.State != Pci.Tdisp.TdiState.ConfigLocked) return (Outcome)TdxStatus.TdiInvalidState;
        return tdi.TryAuthoriseStart(bindSessionId) ? Outcome.Success : Outcome.Invalid(TdxOperandId.Rdx);
    }

    public ulong DmarAccept(FunctionId functionId, byte vmIndex)
    {
        Outcome found = FindTdi(functionId, TdxOperandId.Rcx, out TdiContext tdi);
        if (!found.IsSuccess) return found;
        return vmIndex == 0 ? dmar.Accept(tdi) : Outcome.Invalid(TdxOperandId.Rdx);
    }

    public ulong MmioAccept(
        PageLevel level,
        ulong gpaPage,
        ulong range,
        FunctionId functionId,
        uint pageCount,
        uint pageOffset,
        out PageLevel nextLevel,
        out ulong nextGpaPage,
        out uint leftCount,
        out uint nextOffset)
    {
        (nextLevel, nextGpaPage, leftCount, nextOffset) = (level, gpaPage, pageCount, pageOffset);
        if (level != PageLevel.Size4k) return Outcome.Invalid(TdxOperandId.Rcx);
        while (true)
        {
            // After an exit the world may be another one: the TDI is looked up anew.
            Outcome found = FindTdi(functionId, TdxOperandId.R8, out TdiContext tdi);
            if (!found.IsSuccess) return found;
            Outcome outcome = mmio.Accept(tdi, ref nextGpaPage, range, ref nextOffset, ref leftCount);
            if (outcome != TdxStatus.EptEntryFree) return outcome;
            if (!Fault(nextGpaPage)) return Outcome.Invalid(TdxOperandId.Rcx);
        }
    }

    public ulong ReservedOperand(CallInfo call, Register register) => Outcome.Invalid((TdxOperandId)(int)register);

    public ulong UnknownCall(ref RegisterFile registers) => Outcome.Invalid(TdxOperandId.Rax);

    private bool Fault(ulong gpaPage) => vcpu.ExitWithPrivateFault(gpaPage * SeamcallConstants.PageSize, isWrite: true);

    private Outcome FindTdi(FunctionId functionId, TdxOperandId operand, out TdiContext tdi)
    {
        tdi = null!;
        if (findTd() is not { } td) return TdxStatus.LifecycleStateIncorrect;
        TdxFunctionId bits = RegisterBoundary.Unpack<TdxFunctionId>(functionId.Value);
        bool isValid = bits.Reserved == 0 && (bits.SegmentValid != 0 || bits.Segment == 0);
        return isValid ? tdis.Find(td, functionId.Value, out tdi) : Outcome.Invalid(operand);
    }

    private Outcome GiveHash(Td td, ReadOnlySpan<byte> hash, ulong bufferGpa, out ulong length)
    {
        length = 0;
        if (bufferGpa % SeamcallConstants.PageSize != 0) return Outcome.Invalid(TdxOperandId.R8);
        ulong gpaPage = bufferGpa / SeamcallConstants.PageSize;
        if (!td.IsPrivate(gpaPage)) return Outcome.Of(TdxStatus.OperandAddrRangeError, TdxOperandId.R8);
        bool isUsable = td.Sept.TryGet(gpaPage, out SeptEntry entry) && entry is { State: SeptState.Mapped, IsMmio: false };
        if (!isUsable) return Outcome.Of(TdxStatus.PageMetadataIncorrect, TdxOperandId.R8);
        memory.Write(entry.HostAddress, hash, td.Key);
        length = (ulong)hash.Length;
        return Outcome.Success;
    }
}
