using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Sev.Vmm;

/// <summary>What the VMM does for a guest's call about a TDI. The guest's message is passed on unread; what it asks for beside it comes from the host's TSM driver into the guest's shared buffer.</summary>
/// <param name="vm">The VM that asks.</param>
/// <param name="services">The VMM.</param>
/// <param name="memory">The guest's shared memory.</param>
internal readonly struct TioServer(ConfidentialVm vm, IVmmServices services, IGuestSharedMemory memory)
{
    private const int MaxBlob = 1 << 16;

    /// <summary>SEV_TIO_OP.</summary>
    public void Operate(ref KvmUserVmgexitTioOp op)
    {
        op.FwTdiId = default;
        SysResult result = (TioOp)op.Op switch
        {
            TioOp.Bind => Bind(op.GuestRid, out op.FwTdiId),
            TioOp.Unbind => services.Unbind(vm, op.GuestRid.Value),
            TioOp.Run => Ask(op.GuestRid, RequestKind.SetTdiState, SevRequestOperation.Run),
            TioOp.Stop => Ask(op.GuestRid, RequestKind.SetTdiState, SevRequestOperation.Stop),
            _ => Errno.EINVAL,
        };
        op.FwErr = (int)(result.IsOk ? SevRet.Success : ErrorOf(result));
    }

    /// <summary>SEV_TIO_GUEST_REQUEST. Blobs that don't fit into the guest's buffer are refused before the message goes to the firmware, so that the guest can send it again.</summary>
    public void Request(ref KvmUserVmgexitTioReq request)
    {
        request.TdiStatus = TdiState.ConfigUnlocked;
        byte[]? blobs = null;
        if ((request.Flags & (KvmTioReqFlags.Certs | KvmTioReqFlags.Meas | KvmTioReqFlags.Report)) != 0 && request.DataGpa != 0)
        {
            if (!TryCollect(request, out blobs))
            {
                Refuse(ref request, SnpVmmError.Generic);
                return;
            }

            ulong pages = ((ulong)blobs.Length + GuestMachine.PageSize - 1) / GuestMachine.PageSize;
            if (pages > request.DataNpages)
            {
                request.DataNpages = pages;
                Refuse(ref request, SnpVmmError.InvalidLen);
                return;
            }
        }

        Span<byte> answer = stackalloc byte[SevMessageResult.ByteSize];
        var message = new SevGuestRequest { Operation = SevRequestOperation.Message, ReqSpa = request.ReqSpa, RspSpa = request.RspSpa };
        SysResult sent = Ask(request.GuestRid, KindOf(request.Flags), message, answer);
        if (!sent.IsOk || sent.Value != answer.Length || !SevMessageResult.TryRead(answer, out SevMessageResult result) || (blobs is not null && !memory.TryWrite(request.DataGpa, blobs)))
        {
            Refuse(ref request, sent.Errno == Errno.EBUSY ? SnpVmmError.Busy : SnpVmmError.Generic);
            return;
        }

        request.Ret = (ushort)SnpVmmError.None;
        request.FwErr = (int)result.FwError;
        Span<byte> state = stackalloc byte[sizeof(byte)];
        if (request.Flags.HasFlag(KvmTioReqFlags.State) && Ask(request.GuestRid, RequestKind.Info, new SevGuestRequest { Operation = SevRequestOperation.State }, state) is { IsOk: true, Value: sizeof(byte) })
            request.TdiStatus = (TdiState)state[0];
    }

    private SysResult Bind(SbdfnId device, out TdiId tdi)
    {
        tdi = default;
        if (services.SupportsTrustedIo(vm, device.Value) is not { IsOk: true, Value: > 0 }) return Errno.EOPNOTSUPP;
        if (services.Bind(vm, device.Value) is { IsOk: false } refused) return refused;
        Span<byte> name = stackalloc byte[sizeof(ulong)];
        SysResult asked = Ask(device, RequestKind.Info, new SevGuestRequest { Operation = SevRequestOperation.TdiId }, name);
        if (asked is { IsOk: true, Value: sizeof(ulong) })
        {
            tdi = new TdiId(BinaryPrimitives.ReadUInt64LittleEndian(name));
            return SysResult.Ok;
        }

        services.Unbind(vm, device.Value);
        return Errno.EIO;
    }

    private bool TryCollect(in KvmUserVmgexitTioReq request, out byte[] blobs)
    {
        blobs = [];
        var found = new List<(ulong, ulong, ReadOnlyMemory<byte>)>();
        byte[] nonce = new byte[SevGuestRequestConstants.NonceSize];
        if (request.Flags.HasFlag(KvmTioReqFlags.Meas) && !memory.TryRead(request.DataGpa, nonce)) return false;
        if (request.Flags.HasFlag(KvmTioReqFlags.Certs)
            && !TryAdd(request, found, EvidenceObject.Cert0, SevRequestOperation.Certificates, [], (TioGuestConstants.CertificatesGuidLow, TioGuestConstants.CertificatesGuidHigh))) return false;
        if (request.Flags.HasFlag(KvmTioReqFlags.Meas)
            && !TryAdd(request, found, EvidenceObject.Measurements, SevRequestOperation.Measurements, nonce, (TioGuestConstants.MeasurementsGuidLow, TioGuestConstants.MeasurementsGuidHigh))) return false;
        if (request.Flags.HasFlag(KvmTioReqFlags.Report)
            && !TryAdd(request, found, EvidenceObject.Report, SevRequestOperation.Report, [], (TioGuestConstants.ReportGuidLow, TioGuestConstants.ReportGuidHigh))) return false;
        byte[] buffer = new byte[(found.Count * MaxBlob) + GuestMachine.PageSize];
        blobs = buffer[..TioBlobs.Write([.. found], buffer)];
        return true;
    }

    private bool TryAdd(
        in KvmUserVmgexitTioReq request, List<(ulong, ulong, ReadOnlyMemory<byte>)> found, EvidenceObject evidence, SevRequestOperation operation, ReadOnlySpan<byte> nonce, (ulong Low, ulong High) guid)
    {
        Span<byte> asked = stackalloc byte[SevGuestRequest.ByteSize];
        var record = new SevGuestRequest { Version = SevGuestRequestConstants.Version, Operation = operation };
        nonce.CopyTo(record.Nonce);
        record.Write(asked);
        byte[] blob = new byte[MaxBlob];
        SysResult read = services.Evidence(vm, request.GuestRid.Value, evidence, nonce.ContainsAnyExcept((byte)0) ? nonce : default, asked, blob);
        if (!read.IsOk || read.Value > blob.Length) return false;
        found.Add((guid.Low, guid.High, blob.AsMemory(0, (int)read.Value)));
        return true;
    }

    private SysResult Ask(SbdfnId device, RequestKind kind, SevRequestOperation operation) => Ask(device, kind, new SevGuestRequest { Operation = operation }, default);

    private SysResult Ask(SbdfnId device, RequestKind kind, SevGuestRequest request, Span<byte> response)
    {
        Span<byte> bytes = stackalloc byte[SevGuestRequest.ByteSize];
        request.Version = SevGuestRequestConstants.Version;
        request.Write(bytes);
        return services.Request(vm, device.Value, kind, bytes, response);
    }

    private static RequestKind KindOf(KvmTioReqFlags flags)
    {
        if ((flags & (KvmTioReqFlags.MmioValidate | KvmTioReqFlags.MmioConfig)) != 0) return RequestKind.ValidateMmio;
        if (flags.HasFlag(KvmTioReqFlags.SdteValidate)) return RequestKind.EnableDma;
        return flags == KvmTioReqFlags.None ? RequestKind.DisableDma : RequestKind.Info;
    }

    private static void Refuse(ref KvmUserVmgexitTioReq request, SnpVmmError error)
    {
        request.Ret = unchecked((ushort)error);
        request.FwErr = (int)SevRet.Success;
    }

    /// <summary>The guest knows only firmware's errors; the nearest one for a host that refused by itself.</summary>
    private static SevRet ErrorOf(SysResult result) => result.Errno switch
    {
        Errno.EBUSY or Errno.EEXIST => SevRet.InUse,
        Errno.ENODEV or Errno.ENOENT or Errno.ENXIO => SevRet.InvalidTdi,
        Errno.EINVAL => SevRet.InvalidParam,
        Errno.EOPNOTSUPP => SevRet.Unsupported,
        _ => SevRet.SpdmError,
    };
}
