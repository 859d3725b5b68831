using TeeIo.Tdx.GuestRequest;

namespace TeeIo.Tdx.Vmm;

/// <summary>Writes what the VMM asks the host's TSM driver for.</summary>
internal static class GuestRequests
{
    /// <summary>Writes a request of <see cref="TdxGuestRequest.ByteSize"/> bytes.</summary>
    public static void Write(GuestRequestOperation operation, Span<byte> request) =>
        new TdxGuestRequest { Version = GuestRequestConstants.Version, Operation = operation }.Write(request);
}
