namespace TeeIo.Pci.Tdisp;

/// <summary>A device's end of TDISP for all its interfaces. Peer-to-peer streams, updatable ranges and vendor defined messages are refused: it has none.</summary>
/// <param name="interfaces">The device's interfaces.</param>
/// <param name="options">What it says of itself.</param>
/// <param name="random">Where the nonces come from.</param>
public sealed class TdispResponder(IReadOnlyList<TdispInterface> interfaces, TdispResponderOptions options, Random random) : ITdispResponder
{
    private const int BitsPerByte = 8;

    private static readonly TdispMessage[] _served =
    [
        TdispMessage.GetTdispVersion, TdispMessage.GetTdispCapabilities, TdispMessage.LockInterfaceRequest, TdispMessage.GetDeviceInterfaceReport,
        TdispMessage.GetDeviceInterfaceState, TdispMessage.StartInterfaceRequest, TdispMessage.StopInterfaceRequest,
    ];

    /// <inheritdoc/>
    public bool Accepts(in TdispHeader header, out uint errorCode)
    {
        TdispErrorCode code = header.Version != TdispConstants.TdispVersion10 ? TdispErrorCode.VersionMismatch
            : Find(in header) is null ? TdispErrorCode.InvalidInterface : 0;
        errorCode = (uint)code;
        return code == 0;
    }

    /// <inheritdoc/>
    public uint GetTdispVersion(in TdispRequest request, ref TdispVersionResponse response, Span<byte> versions, ref int versionsLength)
    {
        if (versions.IsEmpty) return (uint)TdispErrorCode.Unspecified;
        versions[0] = TdispConstants.TdispVersion10;
        versionsLength = 1;
        return 0;
    }

    /// <inheritdoc/>
    public uint GetTdispCapabilities(in TdispCapabilitiesRequest request, ref TdispCapabilitiesResponse response)
    {
        Span<byte> bits = response.ReqMsgsSupported;
        foreach (TdispMessage message in _served)
        {
            int bit = message - TdispMessage.GetTdispVersion;
            bits[bit / BitsPerByte] |= (byte)(1 << (bit % BitsPerByte));
        }

        response.LockInterfaceFlagsSupported = options.LockFlags;
        response.DevAddrWidth = options.AddressWidth;
        response.NumReqThis = options.OutstandingRequests;
        response.NumReqAll = options.OutstandingRequests;
        return 0;
    }

    /// <inheritdoc/>
    public uint LockInterface(in TdispLockInterfaceRequest request, ref TdispLockInterfaceResponse response)
    {
        TdispInterface tdi = Find(in request.Header)!;
        if (tdi.State != TdiState.ConfigUnlocked) return (uint)TdispErrorCode.InvalidInterfaceState;
        if ((request.Flags & ~options.LockFlags) != 0) return (uint)TdispErrorCode.InvalidRequest;
        Span<byte> nonce = response.StartInterfaceNonce;
        random.NextBytes(nonce);
        return (uint)tdi.Lock(request.Flags, request.DefaultStreamId, request.MmioReportingOffset, nonce);
    }

    /// <inheritdoc/>
    public uint GetDeviceInterfaceReport(in TdispReportRequest request, ref TdispReportResponse response, Span<byte> portion, ref int portionLength)
    {
        TdispInterface tdi = Find(in request.Header)!;
        if (!tdi.IsLocked) return (uint)TdispErrorCode.InvalidInterfaceState;
        ReadOnlySpan<byte> report = tdi.Report;
        if (request.Length == 0 || request.Offset >= report.Length) return (uint)TdispErrorCode.InvalidRequest;
        portionLength = Math.Min(Math.Min(request.Length, options.ReportPortion), Math.Min(report.Length - request.Offset, portion.Length));
        report.Slice(request.Offset, portionLength).CopyTo(portion);
        response.RemainderLength = (ushort)(report.Length - request.Offset - portionLength);
        return 0;
    }

    /// <inheritdoc/>
    public uint GetDeviceInterfaceState(in TdispRequest request, ref TdispStateResponse response)
    {
        response.TdiState = Find(in request.Header)!.State;
        return 0;
    }

    /// <inheritdoc/>
    public uint StartInterface(in TdispStartInterfaceRequest request, ref TdispResponse response) => (uint)Find(in request.Header)!.Start(request.StartInterfaceNonce);

    /// <inheritdoc/>
    public uint StopInterface(in TdispRequest request, ref TdispResponse response)
    {
        Find(in request.Header)!.Stop();
        return 0;
    }

    /// <inheritdoc/>
    public uint BindP2pStream(in TdispP2pStreamRequest request, ref TdispResponse response) => RefuseInRun(in request.Header);

    /// <inheritdoc/>
    public uint UnbindP2pStream(in TdispP2pStreamRequest request, ref TdispResponse response) => RefuseInRun(in request.Header);

    /// <inheritdoc/>
    public uint SetMmioAttribute(in TdispSetMmioAttributeRequest request, ref TdispResponse response) => RefuseInRun(in request.Header);

    /// <inheritdoc/>
    public uint SendVendorDefined(
        in TdispVendorMessage request, ref TdispVendorMessage response, ReadOnlySpan<byte> data, Span<byte> responseData, ref int responseDataLength) =>
        (uint)TdispErrorCode.UnsupportedRequest;

    /// <inheritdoc/>
    public uint UnknownRequest(in TdispHeader header) => (uint)TdispErrorCode.UnsupportedRequest;

    /// <inheritdoc/>
    public uint MalformedRequest(in TdispHeader header) => (uint)TdispErrorCode.InvalidRequest;

    /// <inheritdoc/>
    public void CompleteError(in TdispHeader header, ref TdispError error)
    {
        if (error.ErrorCode == TdispErrorCode.UnsupportedRequest) error.ErrorData = (uint)header.MessageType;
    }

    private uint RefuseInRun(in TdispHeader header) =>
        (uint)(Find(in header)!.State == TdiState.Run ? TdispErrorCode.UnsupportedRequest : TdispErrorCode.InvalidInterfaceState);

    private TdispInterface? Find(in TdispHeader header)
    {
        TdispFunctionId id = header.InterfaceId.FunctionId;
        foreach (TdispInterface tdi in interfaces)
        {
            bool isSegment = id.SegmentValid == 0 ? id.Segment == 0 : id.Segment == tdi.Address.Segment;
            if (id.RequesterId == tdi.Address.RequesterId && id.Reserved == 0 && header.InterfaceId.Reserved == 0 && isSegment) return tdi;
        }

        return null;
    }
}
