using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Fuzz;

/// <summary>Packets around what an input says.</summary>
internal static class Packets
{
    /// <summary>A packet around a message in the clear.</summary>
    public static byte[] Wrap(SpdmBinding binding, ReadOnlySpan<byte> message)
    {
        byte[] packet = new byte[binding.PacketSize(message.Length)];
        message.CopyTo(packet.AsSpan(binding.HeaderSize));
        return packet[..binding.Wrap(packet, message.Length, isSecured: false)];
    }

    /// <summary>A packet around a session's next record.</summary>
    public static byte[] Seal(SpdmBinding binding, SpdmSession session, ReadOnlySpan<byte> message)
    {
        // What is longer than a record can be is cut.
        message = message[..Math.Min(message.Length, ushort.MaxValue - 256)];
        byte[] packet = new byte[binding.PacketSize(session.RecordSize(message.Length))];
        int length = session.Seal(message, packet.AsSpan(binding.HeaderSize));
        return packet[..binding.Wrap(packet, length, isSecured: true)];
    }
}
