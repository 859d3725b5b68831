using TeeIo.Boundaries;
using TeeIo.Linux;

namespace TeeIo.Pci.Doe;

/// <summary>Finds out which object types a mailbox serves, and answers that for a mailbox.</summary>
public static class DoeDiscovery
{
    /// <summary>Asks <paramref name="mailbox"/> for all its types.</summary>
    /// <returns>EIO where an answer is malformed or the list doesn't come to its end; else what the mailbox says.</returns>
    public static SysResult Find(IDoeMailbox mailbox, ICollection<DoeObjectType> types)
    {
        byte[] response = new byte[DoeDiscoveryResponse.ByteSize];
        byte index = 0;
        do
        {
            SysResult result = mailbox.Exchange(DoeObject.Create(DoeObjectType.Discovery, [index, DoeConstants.DiscoveryVersion]), response);
            if (!result.IsOk) return result;
            bool isAnswer = result.Value == response.Length && DoeObject.TryRead(response, out DoeObjectType type, out _) && type == DoeObjectType.Discovery;
            if (!isAnswer || !DoeDiscoveryResponse.TryRead(response, out DoeDiscoveryResponse found)) return Errno.EIO;
            if (found.NextIndex != 0 && found.NextIndex <= index) return Errno.EIO;
            if (found.VendorId == DoeConstants.PciSigVendorId) types.Add((DoeObjectType)found.DataObjectType);
            index = found.NextIndex;
        }
        while (index != 0);
        return SysResult.Ok;
    }

    /// <summary>Answers the content of a discovery object for a mailbox that serves <paramref name="types"/>.</summary>
    /// <returns>The answer, a whole object; empty where the request is malformed.</returns>
    public static byte[] Answer(ReadOnlySpan<byte> content, ReadOnlySpan<DoeObjectType> types)
    {
        if (content.Length != DoeDiscoveryRequest.ByteSize - DoeHeader.ByteSize || content[2] != 0 || content[3] != 0 || types.IsEmpty) return [];
        int index = content[0];
        if (index >= types.Length) return [];
        byte next = index + 1 < types.Length ? (byte)(index + 1) : (byte)0;
        return DoeObject.Create(DoeObjectType.Discovery, [DoeConstants.PciSigVendorId & 0xFF, DoeConstants.PciSigVendorId >> 8, (byte)types[index], next]);
    }
}
