using TeeIo.Pci.Spdm;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>The commands that talk to a device about itself: connect, measure, roll its keys, disconnect.</summary>
internal sealed class DeviceSessions(AmdSpOptions options, DeviceTable devices, TdiTable tdis)
{
    public SevRet Connect(in TioDevConnect argument)
    {
        TioDevConnect plain = argument;
        plain.SpdmCtrl = default;
        BounceCall call = BounceCall.Of(SevCmd.TioDevConnect, plain, argument.SpdmCtrl);
        if (!devices.TryGet(argument.DevCtxSla, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        byte stream = argument.IdeStreamId[0];
        if (!device.Bounce.Awaits(call))
        {
            if (device.State == DeviceState.Disconnected) return SevRet.ReclaimRequired;
            if (device.State != DeviceState.Created) return SevRet.InvalidDevState;
            if ((argument.TcMask & 1) == 0 || stream == TioFirmwareConstants.IdeStreamUnused || argument.CertSlot != 0) return SevRet.InvalidParam;
            if (((ReadOnlySpan<byte>)argument.IdeStreamId)[1..].IndexOfAnyExcept((byte)TioFirmwareConstants.IdeStreamUnused) >= 0) return SevRet.InvalidParam;
            if (argument.TcMask != 1) return SevRet.Unsupported;
            if (devices.HasStream(device.RootPortId, stream)) return SevRet.InUse;
        }

        SevRet status = device.Bounce.Run(
            call,
            options.ConnectScratchSize,
            exchange => device.Connect(exchange, stream),
            () => DataObject.Create(DobjId.Certificate, device, device.Certificates.Span));
        return status == SevRet.SpdmError && !device.HasSession ? SevRet.ErrInDevConn : status;
    }

    /// <summary>Disconnects a device without bound TDIs. By force, those go first, and a device that doesn't answer is no hindrance.</summary>
    public SevRet Disconnect(in TioDevDisconnect argument)
    {
        TioDevDisconnect plain = argument;
        plain.SpdmCtrl = default;
        BounceCall call = BounceCall.Of(SevCmd.TioDevDisconnect, plain, argument.SpdmCtrl);
        if (!devices.TryGet(argument.DevCtxSla, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        if ((argument.Flags & ~TioForceFlags.Force) != 0) return SevRet.InvalidParam;
        bool isForced = argument.Flags.HasFlag(TioForceFlags.Force);
        if (isForced && device.Bounce.Pending is { } pending && !pending.IsRepeatedBy(call, mayGrow: true)) device.AbortBounce();
        if (!device.Bounce.Awaits(call))
        {
            if (device.State != DeviceState.Connected) return SevRet.InvalidDevState;
            if (device.BoundTdis.Any() && !isForced) return SevRet.InUse;
            if (device.Bounce.IsBusyWithout(call)) return SevRet.InUse;
        }

        return device.Bounce.Run(
            call,
            options.ScratchSizeMin,
            exchange =>
            {
                foreach (TdiContext tdi in device.BoundTdis.ToList()) tdis.TakeAway(tdi, hasStopped: false);
                return device.Disconnect(exchange, isForced);
            },
            () => []);
    }

    public SevRet Measure(in TioDevMeasurements argument)
    {
        TioDevMeasurements plain = argument;
        plain.SpdmCtrl = default;
        byte[] nonce = ((ReadOnlySpan<byte>)argument.MeasNonce).ToArray();
        if ((argument.Flags & ~TioMeasurementFlags.RawBitstream) != 0) return SevRet.InvalidParam;
        return Run(
            argument.DevCtxSla,
            BounceCall.Of(SevCmd.TioDevMeasurements, plain, argument.SpdmCtrl),
            (device, exchange) => device.Measure(exchange, nonce),
            device => DataObject.Create(DobjId.Measurement, device, device.Measurements.Span));
    }

    /// <summary>Gives the certificates of the session again. Nothing is asked of the device: a session has one chain.</summary>
    public SevRet GiveCertificates(in TioDevCertificates argument)
    {
        TioDevCertificates plain = argument;
        plain.SpdmCtrl = default;
        return Run(
            argument.DevCtxSla,
            BounceCall.Of(SevCmd.TioDevCertificates, plain, argument.SpdmCtrl),
            static (_, _) => [],
            device => DataObject.Create(DobjId.Certificate, device, device.Certificates.Span));
    }

    public SevRet RollKeys(in TioRollKey argument)
    {
        TioRollKey plain = argument;
        plain.SpdmCtrl = default;
        return Run(argument.DevCtxSla, BounceCall.Of(SevCmd.TioRollKey, plain, argument.SpdmCtrl), static (device, exchange) => device.RollKeys(exchange), static _ => []);
    }

    private SevRet Run(DevCtxId id, BounceCall call, Func<DeviceContext, DeviceExchange, IEnumerable<byte[]>> conversation, Func<DeviceContext, byte[]> output)
    {
        if (!devices.TryGet(id, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        if (!device.Bounce.Awaits(call))
        {
            if (device.State != DeviceState.Connected) return SevRet.InvalidDevState;
            if (device.Bounce.IsBusyWithout(call)) return SevRet.InUse;
            if (!device.HasSession) return SevRet.ResyncReq;
        }

        return device.Bounce.Run(call, options.ScratchSizeMin, exchange => conversation(device, exchange), () => output(device));
    }
}
