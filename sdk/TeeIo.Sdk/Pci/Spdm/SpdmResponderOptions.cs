namespace TeeIo.Pci.Spdm;

/// <summary>Sizes and times of a responder.</summary>
/// <param name="DataTransferSize">Bytes of the largest message that it takes.</param>
/// <param name="CertificatePortion">The most bytes that it puts into a portion of its certificate chain.</param>
/// <param name="HeartbeatPeriod">Seconds of its sessions' heartbeat period, below 256.</param>
public sealed record SpdmResponderOptions(int DataTransferSize, int CertificatePortion, int HeartbeatPeriod);
