using System.Security.Cryptography;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>A guest. What the firmware knows of it is here; its context page only stands for it.</summary>
/// <param name="paddr">The context page.</param>
/// <param name="random">Where its keys come from.</param>
internal sealed class GuestContext(ulong paddr, Random random)
{
    /// <summary>Keys between a guest and the firmware, one for each VMPL.</summary>
    public const int KeyCount = 4;

    private byte[] _measurement = new byte[SHA384.HashSizeInBytes];

    public ulong Paddr { get; } = paddr;

    public GuestState State { get; private set; }

    /// <summary>Its ASID; 0 before SNP_ACTIVATE.</summary>
    public uint Asid { get; set; }

    public KeyId Key => new((ushort)Asid);

    public SnpPolicy Policy { get; private set; }

    public byte[] HostData { get; private set; } = [];

    public byte[] ReportId { get; } = Bytes(random, 32);

    /// <summary>Its keys for messages (VMPCKs).</summary>
    public byte[][] MessageKeys { get; } = [.. Enumerable.Range(0, KeyCount).Select(_ => Bytes(random, SnpGuestConstants.VmpckSize))];

    /// <summary>The sequence number of the last message under each key.</summary>
    public ulong[] LastSequence { get; } = new ulong[KeyCount];

    public ReadOnlySpan<byte> Measurement => _measurement;

    /// <summary>Whether it runs on an ASID.</summary>
    public bool IsActive => State == GuestState.Running && Asid != 0;

    public void Start(SnpPolicy policy) => (State, Policy) = (GuestState.Launching, policy);

    /// <summary>Extends the launch's measurement. How it is made up is our own: a chain of SHA-384 over type, address and content.</summary>
    public void Measure(SnpPageType type, ulong gpa, ReadOnlySpan<byte> content) =>
        _measurement = SHA384.HashData([.. _measurement, (byte)type, .. BitConverter.GetBytes(gpa), .. SHA384.HashData(content)]);

    public void Finish(ReadOnlySpan<byte> hostData) => (State, HostData) = (GuestState.Running, hostData.ToArray());

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
