using System.Runtime.InteropServices;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>What a guest can ask about one TDI, whichever version of the messages it speaks. The host says which TDI the command is about; the guest's own name for it must fit.</summary>
/// <param name="tdi">The TDI of the command.</param>
/// <param name="guest">Who asks.</param>
/// <param name="rmp">Whose pages are whose.</param>
/// <param name="memory">What is MMIO.</param>
internal sealed class TdiRequests(TdiContext tdi, GuestContext guest, ReverseMap rmp, PhysicalMemory memory)
{
    /// <summary>The TDI.</summary>
    public TdiContext Tdi => tdi;

    /// <summary>Whether the TDI is bound to the guest under the name that it gave.</summary>
    public TdiBindStatus Find(bool isNamed)
    {
        if (tdi.Guest is null) return TdiBindStatus.Unbound;
        return tdi.Guest == guest && isNamed ? TdiBindStatus.Bound : TdiBindStatus.Invalid;
    }

    /// <summary>Flags of a description.</summary>
    public TdiMeasFlags MeasurementFlags => TdiMeasFlags.MeasDigestValid | (tdi.IsMeasuredAfresh ? TdiMeasFlags.MeasDigestFresh : TdiMeasFlags.None);

    /// <summary>Accepts MMIO, or takes that back, all pages or none.</summary>
    /// <param name="bound">What <see cref="Find"/> says.</param>
    /// <param name="gpa">The first page's address.</param>
    /// <param name="count">Pages.</param>
    /// <param name="offset">Where they begin, in pages from the first one that the report has under this id.</param>
    /// <param name="rangeId">The range's id.</param>
    /// <param name="flags">What becomes of them.</param>
    /// <param name="changed">Whether some page was otherwise before.</param>
    public MmioValidateStatus ValidateMmio(TdiBindStatus bound, ulong gpa, uint count, uint offset, ushort rangeId, MmioValidateFlags flags, out MmioValidatedFlags changed)
    {
        changed = MmioValidatedFlags.None;
        if (bound == TdiBindStatus.Invalid) return MmioValidateStatus.InvalidTdi;
        bool isValidated = flags.HasFlag(MmioValidateFlags.Validated);
        if (bound == TdiBindStatus.Unbound || tdi.Report is null || (isValidated && !tdi.IsLockedOrRunning)) return MmioValidateStatus.TdiUnbound;
        MmioValidateStatus status = MmioRanges.Find(tdi.Report, rangeId, offset, count, out ulong first);
        if (status != MmioValidateStatus.Success) return status;
        bool? before = null;
        bool isUniform = true;
        for (ulong i = 0; i < count; i++)
        {
            ulong at = i * PhysicalMemory.PageSize;
            status = Check(first + at, unchecked(gpa + at), out RmpEntry entry);
            if (status != MmioValidateStatus.Success) return status;
            isUniform &= (before ??= entry.IsValidated) == entry.IsValidated;
        }

        if (!isUniform && !flags.HasFlag(MmioValidateFlags.ForceValidated)) return MmioValidateStatus.NotUniform;
        for (ulong i = 0; i < count; i++)
        {
            ulong page = first + (i * PhysicalMemory.PageSize);
            if (rmp.Validate(page, isValidated)) changed = MmioValidatedFlags.Changed;
            if (isValidated) tdi.AcceptedMmio.Add(page);
            else tdi.AcceptedMmio.Remove(page);
        }

        return MmioValidateStatus.Success;
    }

    /// <summary>Writes the secure device table entry. An entry with anything but the guest's own fields is refused.</summary>
    public SdteWriteStatus WriteSdte(TdiBindStatus bound, Sdte sdte)
    {
        if (bound == TdiBindStatus.Invalid) return SdteWriteStatus.InvalidTdi;
        if (bound == TdiBindStatus.Unbound) return SdteWriteStatus.TdiNotBound;
        var own = new Sdte { V = sdte.V, Ir = sdte.Ir, Iw = sdte.Iw, Vmpl = sdte.Vmpl, VtomEn = sdte.VtomEn, Vtom = sdte.Vtom };
        bool isOwn = MemoryMarshal.AsBytes(new ReadOnlySpan<Sdte>(in own)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Sdte>(in sdte)));
        if (!isOwn) return SdteWriteStatus.Reserved;
        tdi.Sdte = own;
        return SdteWriteStatus.Success;
    }

    private MmioValidateStatus Check(ulong hpa, ulong gpa, out RmpEntry entry)
    {
        entry = rmp[hpa];
        if (!memory.IsMmio(hpa)) return MmioValidateStatus.NotIo;
        if (!entry.IsGuest || entry.Asid != guest.Asid) return MmioValidateStatus.NotAssigned;
        if (!entry.IsImmutable) return MmioValidateStatus.NotImmutable;
        return entry.Gpa == gpa ? MmioValidateStatus.Success : MmioValidateStatus.NotMapped;
    }
}
