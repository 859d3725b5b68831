namespace TeeIo.Pci.Spdm;

/// <summary>A key that both ends have before they meet.</summary>
/// <param name="Hint">What the requester says so that the responder finds it; no secret.</param>
/// <param name="Key">The key.</param>
public sealed record SpdmPreSharedKey(ReadOnlyMemory<byte> Hint, ReadOnlyMemory<byte> Key);
