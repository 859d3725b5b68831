using TeeIo.Sev.Firmware.Devices;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware;

/// <summary>How far the platform is: SNP, then TIO. It describes itself, and is shut down when nothing of it is in use.</summary>
internal sealed class PlatformState(AmdSpOptions options, FirmwarePages pages, ReverseMap rmp, GuestTable guests, Asids asids, DeviceTable devices, AsidFences fences)
{
    private const SnpInitFlags SupportedInit = SnpInitFlags.InitRmp | SnpInitFlags.TioEn;
    private bool _isRmpInitialised;
    private bool _isTioEnabled;

    public bool IsSnpReady { get; private set; }

    public bool IsTioReady { get; private set; }

    /// <summary>Initialises SNP. The list of ranges isn't served: the firmware of this model needs no memory of its own.</summary>
    public SevRet Initialise(in SnpInitEx argument)
    {
        if (IsSnpReady) return SevRet.InvalidPlatformState;
        if ((argument.Flags & ~SupportedInit) != 0) return SevRet.Unsupported;
        if (argument.Flags.HasFlag(SnpInitFlags.InitRmp)) rmp.Clear();
        else if (!_isRmpInitialised) return SevRet.RmpInitRequired;
        asids.Reset();
        (IsSnpReady, _isRmpInitialised, _isTioEnabled) = (true, true, argument.Flags.HasFlag(SnpInitFlags.TioEn));
        return SevRet.Success;
    }

    public SevRet InitialiseTio()
    {
        if (!_isTioEnabled || IsTioReady) return SevRet.InvalidPlatformState;
        IsTioReady = true;
        return SevRet.Success;
    }

    public SevRet ShutDown(in SnpShutdownEx argument)
    {
        if (!IsSnpReady) return SevRet.InvalidPlatformState;
        if ((argument.Flags & ~SnpShutdownFlags.IommuSnpShutdown) != 0) return SevRet.Unsupported;
        if (guests.Count > 0) return SevRet.Active;
        if (devices.Count > 0) return SevRet.ReclaimRequired;
        if (!asids.IsFlushed) return SevRet.DfflushRequired;
        fences.Reset();
        (IsSnpReady, IsTioReady, _isTioEnabled) = (false, false, false);
        return SevRet.Success;
    }

    public SevRet Describe(in SnpPlatformStatusCmd argument)
    {
        SevRet status = pages.CheckOutput(argument.StatusPaddr, SnpPlatformStatus.ByteSize, IsSnpReady);
        if (status != SevRet.Success) return status;
        Span<byte> bytes = stackalloc byte[SnpPlatformStatus.ByteSize];
        new SnpPlatformStatus
        {
            ApiMajor = SnpFirmwareConstants.TioApiMajor,
            ApiMinor = SnpFirmwareConstants.TioApiMinor,
            State = (byte)(IsSnpReady ? 1 : 0),
            IsRmpInitialized = _isRmpInitialised,
            Flags = SnpStatusFlags.FeatureInfo,
            GuestCount = (uint)guests.Count,
        }.Write(bytes);
        pages.Give(argument.StatusPaddr, bytes);
        return SevRet.Success;
    }

    public SevRet DescribeFeatures(in SnpFeatureInfoCmd argument)
    {
        if (argument.EcxIn != 0) return SevRet.InvalidParam;
        SevRet status = pages.CheckOutput(argument.FeatureInfoPaddr, SnpFeatureInfo.ByteSize, IsSnpReady);
        if (status != SevRet.Success) return status;
        Span<byte> bytes = stackalloc byte[SnpFeatureInfo.ByteSize];
        new SnpFeatureInfo { Ebx = SnpFeatureEbx.SevTio }.Write(bytes);
        pages.Give(argument.FeatureInfoPaddr, bytes);
        return SevRet.Success;
    }

    public SevRet DescribeTio(in TioStatusCmd argument)
    {
        SevRet status = pages.CheckOutput(argument.StatusPaddr, TioStatus.ByteSize);
        if (status != SevRet.Success) return status;
        Span<byte> bytes = stackalloc byte[TioStatus.ByteSize];
        new TioStatus
        {
            Length = TioStatus.ByteSize,
            Flags = (_isTioEnabled ? TioStatusFlags.TioEn : TioStatusFlags.None) | (IsTioReady ? TioStatusFlags.TioInitDone : TioStatusFlags.None),
            SpdmReqSizeMin = (uint)options.RequestSizeMin,
            SpdmReqSizeMax = (uint)options.RequestSizeMax,
            SpdmScratchSizeMin = (uint)options.ScratchSizeMin,
            SpdmScratchSizeMax = (uint)options.ScratchSizeMax,
            SpdmOutSizeMin = (uint)options.OutputSizeMin,
            SpdmOutSizeMax = (uint)options.OutputSizeMax,
            SpdmRspSizeMin = (uint)options.ResponseSizeMin,
            SpdmRspSizeMax = (uint)options.ResponseSizeMax,
            DevctxSize = (uint)options.DeviceContextSize,
            TdictxSize = (uint)options.TdiContextSize,
        }.Write(bytes);
        pages.Give(argument.StatusPaddr, bytes);
        return SevRet.Success;
    }
}
