using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Guest;

/// <summary>The guest's TSM driver for SEV-TIO. It asks the host for everything and believes only what the firmware's encrypted messages vouch for.</summary>
[TsmDriver]
public sealed partial class SevGuestTsm : GuestTsmDriver
{
    private readonly GuestMachine _machine;
    private readonly SevInstructions _cpu;
    private readonly CrossingHub _hub;
    private readonly Random _random;
    private GhcbTransport? _transport;
    private TioMessages? _messages;

    /// <summary>The driver on one vCPU.</summary>
    /// <param name="machine">The vCPU.</param>
    /// <param name="random">Where nonces come from.</param>
    /// <param name="hub">Where the boundaries report.</param>
    /// <exception cref="ArgumentException">The vCPU isn't an SNP guest's.</exception>
    public SevGuestTsm(GuestMachine machine, Random random, CrossingHub hub)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _cpu = machine.Instructions as SevInstructions ?? throw new ArgumentException($"{machine.Name} has no SEV instructions; start the VM as an SNP guest.", nameof(machine));
        (_machine, _random, _hub) = (machine, random, hub);
    }

    /// <inheritdoc/>
    protected override SysResult Lock(LockContext context)
    {
        GuestDevice device = context.Device.Value;
        device.TsmState = null;
        if (!GhcbTransport.Features(_cpu).HasFlag(HvFeatures.SevTio) || !TryOpen(out TioMessages? messages)) return Errno.EOPNOTSUPP;
        if (Operate(device, TioOp.Bind, out TdiId tdi) is { IsOk: false } refused) return refused;
        context.OnFailure(() => Operate(device, TioOp.Unbind, out _));
        SysResult described = messages.Describe(device, tdi, TioInfoFlags.State, null, out TdiDescription? info);
        if (!described.IsOk) return described.Errno == Errno.ETIMEDOUT ? Errno.ETIMEDOUT : Errno.EIO;
        if (info!.Status != TdiBindStatus.Bound) return Errno.EPROTO;
        device.TsmState = new SevGuestBind(tdi);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Evidence(EvidenceContext context)
    {
        GuestDevice device = context.Device.Value;
        if (device.TsmState is not SevGuestBind bind || !TryOpen(out TioMessages? messages)) return Errno.ESTALE;
        using TioDataBuffer? data = TioDataBuffer.Take(_machine);
        if (data is null) return Errno.EIO;
        return context.Kind == EvidenceKind.InterfaceReport ? CollectReport(device, bind, messages, data, context.Response) : CollectDeviceInfo(device, bind, messages, data, context.Response);
    }

    /// <inheritdoc/>
    protected override SysResult Accept(AcceptContext context)
    {
        GuestDevice device = context.Device.Value;
        if (device.TsmState is not SevGuestBind { CertificatesDigest.Length: > 0, MeasurementsDigest.Length: > 0, Report.Length: > 0 } bind || !TryOpen(out TioMessages? messages)) return Errno.EPERM;
        if (!TeeRanges.TryRead(bind.Report, device, out List<TeeRange> ranges)) return Errno.EPROTO;

        // Half accepted is neither locked nor running: the device goes back to the host.
        context.OnFailure(() => Unlock(device));
        if (Operate(device, TioOp.Run, out _) is { IsOk: false } refused) return refused;
        bind.IsStarted = true;

        // That the device runs says nothing: the host may have bound it anew. What counts is what the firmware vouches for now.
        if (messages.Describe(device, bind.TdiId, TioInfoFlags.State, null, out TdiDescription? now) is { IsOk: false } silent) return silent;
        if (!IsAsVerified(bind, now!)) return Errno.ESTALE;
        if (messages.WriteSdte(device, bind.TdiId, enable: true) is { IsOk: false } noDma) return noDma;
        bind.HasDma = true;
        foreach (TeeRange range in ranges)
        {
            if (messages.Validate(device, bind.TdiId, range, accept: true) is { IsOk: false } failure) return failure;
            bind.Accepted.Add(range);
        }

        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Unlock(UnlockContext context)
    {
        GuestDevice device = context.Device;
        SevGuestBind? bind = device.TsmState as SevGuestBind;
        device.TsmState = null;
        if (!TryOpen(out TioMessages? messages)) return Errno.EIO;
        if (bind is not null)
        {
            // Whatever the host makes of these, what was accepted is lost with the bind.
            foreach (TeeRange range in bind.Accepted) messages.Validate(device, bind.TdiId, range, accept: false);
            if (bind.HasDma) messages.WriteSdte(device, bind.TdiId, enable: false);
        }

        if (bind is { IsStarted: true }) Operate(device, TioOp.Stop, out _);
        return Operate(device, TioOp.Unbind, out _);
    }

    private SysResult CollectDeviceInfo(GuestDevice device, SevGuestBind bind, TioMessages messages, TioDataBuffer data, Span<byte> response)
    {
        Span<byte> nonce = stackalloc byte[TioFirmwareConstants.NonceSize];
        _random.NextBytes(nonce);
        if (!data.TryWriteNonce(nonce)) return Errno.EIO;
        SysResult described = messages.Describe(device, bind.TdiId, TioInfoFlags.Certs | TioInfoFlags.Measurements, data, out TdiDescription? info);
        if (!described.IsOk) return described;
        if (info!.Status != TdiBindStatus.Bound) return Errno.ESTALE;
        if (!data.TryRead(out TioBlobs blobs)) return Errno.EIO;
        ReadOnlyMemory<byte> certificates = blobs.Find(TioGuestConstants.CertificatesGuidLow, TioGuestConstants.CertificatesGuidHigh);
        ReadOnlyMemory<byte> measurements = blobs.Find(TioGuestConstants.MeasurementsGuidLow, TioGuestConstants.MeasurementsGuidHigh);
        const TdiMeasFlags Fresh = TdiMeasFlags.MeasDigestValid | TdiMeasFlags.MeasDigestFresh;
        if ((info.Measurements & Fresh) != Fresh || !Matches(certificates, info.CertificatesDigest) || !Matches(measurements, info.MeasurementsDigest)) return Errno.EBADMSG;
        int length = certificates.Length + measurements.Length;
        if (length > response.Length) return Errno.EIO;
        certificates.Span.CopyTo(response);
        measurements.Span.CopyTo(response[certificates.Length..]);
        (bind.CertificatesDigest, bind.MeasurementsDigest) = (info.CertificatesDigest, info.MeasurementsDigest);
        return SysResult.Of(length);
    }

    private static SysResult CollectReport(GuestDevice device, SevGuestBind bind, TioMessages messages, TioDataBuffer data, Span<byte> response)
    {
        SysResult described = messages.Describe(device, bind.TdiId, TioInfoFlags.Report, data, out TdiDescription? info);
        if (!described.IsOk) return described;
        if (info!.Status != TdiBindStatus.Bound) return Errno.ESTALE;
        if (!data.TryRead(out TioBlobs blobs)) return Errno.EIO;
        ReadOnlyMemory<byte> report = blobs.Find(TioGuestConstants.ReportGuidLow, TioGuestConstants.ReportGuidHigh);
        if (!Matches(report, info.ReportDigest)) return Errno.EBADMSG;
        if (report.Length > response.Length) return Errno.EIO;
        report.Span.CopyTo(response);
        (bind.Report, bind.ReportDigest) = (report.ToArray(), info.ReportDigest);
        return SysResult.Of(report.Length);
    }

    /// <summary>Whether what verified is what the firmware vouches for now.</summary>
    private static bool IsAsVerified(SevGuestBind bind, TdiDescription info) => info.Status == TdiBindStatus.Bound
        && CryptographicOperations.FixedTimeEquals(bind.CertificatesDigest, info.CertificatesDigest)
        && CryptographicOperations.FixedTimeEquals(bind.MeasurementsDigest, info.MeasurementsDigest)
        && CryptographicOperations.FixedTimeEquals(bind.ReportDigest, info.ReportDigest);

    private static bool Matches(ReadOnlyMemory<byte> blob, byte[] digest) => !blob.IsEmpty && CryptographicOperations.FixedTimeEquals(SHA384.HashData(blob.Span), digest);

    /// <summary>Has the host do something with the device. Its word for it is all that comes back.</summary>
    private SysResult Operate(GuestDevice device, TioOp action, out TdiId tdi)
    {
        GhcbStatus status = new GhcbClient(_transport!, _hub).TryTioOp(TioMessages.IdOf(device), action, out tdi, out SevRet fwError, out SnpVmmError vmmError);
        if (status != GhcbStatus.Success) return status is GhcbStatus.InvalidEvent or GhcbStatus.InvalidInput ? Errno.EOPNOTSUPP : Errno.EIO;
        if (vmmError == SnpVmmError.Busy) return Errno.EBUSY;
        if (vmmError == SnpVmmError.None && fwError == SevRet.Unsupported) return Errno.EOPNOTSUPP;
        return vmmError == SnpVmmError.None && fwError == SevRet.Success ? SysResult.Ok : Errno.EIO;
    }

    private bool TryOpen([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TioMessages? messages)
    {
        _transport ??= GhcbTransport.Open(_machine, _cpu);
        if (_messages is null && _transport is not null && FirmwareChannel.Open(_machine, new GhcbClient(_transport, _hub)) is { } channel) _messages = new TioMessages(channel, _hub);
        messages = _messages;
        return messages is not null;
    }
}
