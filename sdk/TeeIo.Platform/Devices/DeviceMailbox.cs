using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>The device's DOE mailbox: discovery and SPDM.</summary>
/// <param name="device">The device; one that isn't there doesn't answer.</param>
/// <param name="responder">Serves SPDM.</param>
internal sealed class DeviceMailbox(TeeDevice device, SpdmResponder responder) : IDoeMailbox
{
    private static readonly DoeObjectType[] _types = [DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm];
    private readonly byte[] _answer = new byte[responder.MaxPacketSize];

    public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        if (!device.IsPresent || !DoeObject.TryRead(request, out DoeObjectType type, out ReadOnlySpan<byte> content)) return Errno.EIO;
        ReadOnlySpan<byte> answer = type == DoeObjectType.Discovery ? DoeDiscovery.Answer(content, _types) : _answer.AsSpan(0, responder.Answer(request, _answer));
        if (answer.IsEmpty) return Errno.EIO;
        if (!answer.TryCopyTo(response)) return Errno.EMSGSIZE;
        return SysResult.Of(answer.Length);
    }
}
