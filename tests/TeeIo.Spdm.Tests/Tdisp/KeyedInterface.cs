using TeeIo.Pci;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Spdm.Tests.Tdisp;

/// <summary>An interface that can be locked to one stream, once that has keys.</summary>
internal sealed class KeyedInterface() : TdispInterface(new PciAddress(0, RequesterId))
{
    public const ushort RequesterId = 0x0102;
    public const byte Stream = 4;

    /// <summary>Whether the stream has keys.</summary>
    public bool HasKeys { get; set; } = true;

    public static byte[] FullReport { get; } = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    protected override TdispErrorCode CheckLock(LockFlags flags, byte streamId) => HasKeys && streamId == Stream ? 0 : TdispErrorCode.InvalidRequest;

    protected override byte[] BuildReport() => FullReport;
}
