using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Platform;

/// <summary>The GHCB calls that the platform's KVM doesn't know: the guest is told so. The platform's guest needs none of them.</summary>
internal abstract class UnknownGhcbCalls : IGhcbServer
{
    /// <summary>What they are answered with.</summary>
    protected virtual GhcbStatus Unknown => GhcbStatus.InvalidEvent;

    public abstract GhcbStatus TioGuestRequest(
        ulong requestGpa,
        ulong responseGpa,
        ulong dataGpa,
        ref ulong dataPages,
        SbdfnId device,
        uint mmioPages,
        ulong parameter,
        out Pci.Tdisp.TdiState tdiState,
        out SevRet fwError,
        out SnpVmmError vmmError);

    public abstract GhcbStatus TioOp(SbdfnId device, TioOp action, out TdiId tdiId, out SevRet fwError, out SnpVmmError vmmError);

    public abstract GhcbStatus HvFeatures(out HvFeatures features);

    public virtual GhcbStatus ReadDr7(out ulong dr7)
    {
        dr7 = default;
        return Unknown;
    }

    public virtual GhcbStatus WriteDr7(ulong dr7) => Unknown;

    public virtual GhcbStatus Rdtsc(out ulong low, out ulong high)
    {
        (low, high) = (default, default);
        return Unknown;
    }

    public virtual GhcbStatus Rdpmc(ulong counter, out ulong low, out ulong high)
    {
        (low, high) = (default, default);
        return Unknown;
    }

    public virtual GhcbStatus Cpuid(ulong leaf, ulong subleaf, ulong xcr0, ulong xss, out ulong eax, out ulong ebx, out ulong ecx, out ulong edx)
    {
        (eax, ebx, ecx, edx) = (default, default, default, default);
        return Unknown;
    }

    public virtual GhcbStatus Invd() => Unknown;

    public virtual GhcbStatus Ioio(
        bool isIn, bool isString, bool isRep, byte dataSize, byte addressSize, byte segment, ushort port, ulong count, ref ulong value, ulong scratch) => Unknown;

    public virtual GhcbStatus Msr(bool isWrite, ulong msr, ref ulong low, ref ulong high) => Unknown;

    public virtual GhcbStatus Vmmcall(ref ulong value, byte cpl, ulong first, ulong second, ulong third, ulong fourth) => Unknown;

    public virtual GhcbStatus Rdtscp(out ulong low, out ulong high, out ulong aux)
    {
        (low, high, aux) = (default, default, default);
        return Unknown;
    }

    public virtual GhcbStatus Wbinvd() => Unknown;

    public virtual GhcbStatus Monitor(ulong address, ulong extensions, ulong hints) => Unknown;

    public virtual GhcbStatus Mwait(ulong hints, ulong extensions) => Unknown;

    public virtual GhcbStatus MmioRead(ulong gpa, ulong length, ulong scratch) => Unknown;

    public virtual GhcbStatus MmioWrite(ulong gpa, ulong length, ulong scratch) => Unknown;

    public virtual GhcbStatus NmiComplete() => Unknown;

    public virtual GhcbStatus ApHltLoop(out ulong released)
    {
        released = default;
        return Unknown;
    }

    public virtual GhcbStatus ApJumpTable(ApJumpTableAction action, ref ulong address) => Unknown;

    public virtual GhcbStatus Psc(ulong scratch, out PscResult resultValue)
    {
        resultValue = default;
        return Unknown;
    }

    public virtual GhcbStatus GuestRequest(ulong requestGpa, ulong responseGpa, out SevRet fwError, out SnpVmmError vmmError)
    {
        (fwError, vmmError) = (default, default);
        return Unknown;
    }

    public virtual GhcbStatus ExtGuestRequest(ulong requestGpa, ulong responseGpa, ulong dataGpa, ref ulong dataPages, out SevRet fwError, out SnpVmmError vmmError)
    {
        (fwError, vmmError) = (default, default);
        return Unknown;
    }

    public virtual GhcbStatus ApCreation(ApAction action, byte vmpl, uint apicId, ulong vmsaGpa, ulong sevFeatures) => Unknown;

    public virtual GhcbStatus HvDoorbellPage(DoorbellAction action, ref ulong gpa) => Unknown;

    public virtual GhcbStatus HvIpi() => Unknown;

    public virtual GhcbStatus HvTimer() => Unknown;

    public virtual GhcbStatus GetApicIds() => Unknown;

    public virtual GhcbStatus RunVmpl(ulong vmpl) => Unknown;

    public virtual GhcbStatus ConfigureInterruptInjection() => Unknown;

    public virtual GhcbStatus Savic(SavicAction action, ulong apicId, ulong gpa) => Unknown;

    public virtual GhcbStatus SpecificEoi() => Unknown;

    public virtual GhcbStatus IommuTlbFlush(ulong gpa, out ulong resultValue)
    {
        resultValue = default;
        return Unknown;
    }

    public virtual GhcbStatus TermRequest(TermReasonSet reasonSet, byte reason) => Unknown;

    public virtual GhcbStatus UnsupportedEvent(ulong exitCode) => Unknown;
}
