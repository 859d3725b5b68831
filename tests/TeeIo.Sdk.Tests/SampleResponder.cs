using TeeIo.Pci.Tdisp;

namespace TeeIo.Sdk.Tests;

/// <summary>A device with one interface, whose function is 0x0102, and a report of six bytes.</summary>
internal sealed class SampleResponder : ITdispResponder
{
    private static readonly byte[] _report = [1, 2, 3, 4, 5, 6];

    public bool Accepts(in TdispHeader header, out uint errorCode)
    {
        errorCode = header.Version != TdispConstants.TdispVersion10 ? (uint)TdispErrorCode.VersionMismatch
            : header.InterfaceId.FunctionId.RequesterId != 0x0102 ? (uint)TdispErrorCode.InvalidInterface : 0;
        return errorCode == 0;
    }

    public uint UnknownRequest(in TdispHeader header) => (uint)TdispErrorCode.UnsupportedRequest;

    public uint MalformedRequest(in TdispHeader header) => (uint)TdispErrorCode.InvalidRequest;

    public void CompleteError(in TdispHeader header, ref TdispError error)
    {
        if (error.ErrorCode == TdispErrorCode.UnsupportedRequest) error.ErrorData = (uint)header.MessageType;
    }

    public uint GetTdispVersion(in TdispRequest request, ref TdispVersionResponse response, Span<byte> versions, ref int versionsLength)
    {
        versions[0] = (byte)TdispConstants.TdispVersion10;
        versionsLength = 1;
        return 0;
    }

    public uint GetTdispCapabilities(in TdispCapabilitiesRequest request, ref TdispCapabilitiesResponse response)
    {
        response.DevAddrWidth = 52;
        return 0;
    }

    public uint LockInterface(in TdispLockInterfaceRequest request, ref TdispLockInterfaceResponse response)
    {
        Span<byte> nonce = response.StartInterfaceNonce;
        nonce.Fill(request.DefaultStreamId);
        return 0;
    }

    public uint GetDeviceInterfaceReport(in TdispReportRequest request, ref TdispReportResponse response, Span<byte> portion, ref int portionLength)
    {
        if (request.Offset >= _report.Length) return (uint)TdispErrorCode.InvalidRequest;
        portionLength = Math.Min(request.Length, _report.Length - request.Offset);
        _report.AsSpan(request.Offset, portionLength).CopyTo(portion);
        response.RemainderLength = (ushort)(_report.Length - request.Offset - portionLength);
        return 0;
    }

    public uint GetDeviceInterfaceState(in TdispRequest request, ref TdispStateResponse response)
    {
        response.TdiState = TdiState.Run;
        return 0;
    }

    public uint StartInterface(in TdispStartInterfaceRequest request, ref TdispResponse response) => (uint)TdispErrorCode.InvalidNonce;

    public uint StopInterface(in TdispRequest request, ref TdispResponse response) => 0;

    public uint BindP2pStream(in TdispP2pStreamRequest request, ref TdispResponse response) => 0;

    public uint UnbindP2pStream(in TdispP2pStreamRequest request, ref TdispResponse response) => 0;

    public uint SetMmioAttribute(in TdispSetMmioAttributeRequest request, ref TdispResponse response) => 0;

    public uint SendVendorDefined(
        in TdispVendorMessage request, ref TdispVendorMessage response, ReadOnlySpan<byte> data, Span<byte> responseData, ref int responseDataLength)
    {
        data.CopyTo(responseData);
        responseDataLength = data.Length;
        return 0;
    }
}
