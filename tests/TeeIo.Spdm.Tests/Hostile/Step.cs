using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>A request and its response in a life that nobody tampers with.</summary>
/// <param name="Code">The request.</param>
/// <param name="Request">The request without packet and record.</param>
/// <param name="Response">The response without packet and record.</param>
/// <param name="RequestPacket">The request as it travels.</param>
/// <param name="ResponsePacket">The response as it travels.</param>
internal sealed record Step(SpdmMessage Code, byte[] Request, byte[] Response, byte[] RequestPacket, byte[] ResponsePacket);
