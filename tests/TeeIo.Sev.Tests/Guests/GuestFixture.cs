using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Sev.Guest;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>An SNP guest's virtual CPU with shared and private memory, and below it a host that does what a test says.</summary>
internal sealed class GuestFixture : GuestMachine
{
    private readonly Dictionary<ulong, byte[]> _shared = [];
    private readonly Dictionary<ulong, byte[]> _private = [];
    private readonly GuestExits _exits;
    private ulong _next = 0x10_0000;

    public GuestFixture(int index = 0)
    {
        Index = index;
        byte[] secrets = PrivatePage(SnpGuestConstants.SecretsGpa);
        for (int i = 0; i < 4 * SnpGuestConstants.VmpckSize; i++) secrets[0x20 + i] = (byte)(i + 1);
        Firmware = new GuestFirmware(secrets.AsSpan(0x20 + (index % 4 * SnpGuestConstants.VmpckSize), SnpGuestConstants.VmpckSize).ToArray());
        _exits = new GuestExits(this);
    }

    /// <summary>The firmware's end of the guest's messages.</summary>
    public GuestFirmware Firmware { get; }

    /// <summary>What the host does.</summary>
    public GuestExits Host => _exits;

    /// <summary>Shared pages in use.</summary>
    public int InUse { get; private set; }

    /// <summary>How many more pages there are.</summary>
    public int Left { get; set; } = int.MaxValue;

    /// <summary>How long the guest has slept.</summary>
    public TimeSpan Slept { get; private set; }

    /// <summary>The sequence number beside the CPU's key.</summary>
    public uint Sequence
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(PrivatePage(SnpGuestConstants.SecretsGpa).AsSpan(0xA0 + (4 * Index)));
        set => BinaryPrimitives.WriteUInt32LittleEndian(PrivatePage(SnpGuestConstants.SecretsGpa).AsSpan(0xA0 + (4 * Index)), value);
    }

    /// <summary>Whether the CPU's key is wiped.</summary>
    public bool IsBurnt => !PrivatePage(SnpGuestConstants.SecretsGpa).AsSpan(0x20 + (Index * SnpGuestConstants.VmpckSize), SnpGuestConstants.VmpckSize).ContainsAnyExcept((byte)0);

    public override string Name => $"vm0/vcpu{Index}";

    public override int Index { get; }

    public override TimeProvider Time => TimeProvider.System;

    public override ModelRegisterTransport Instructions => _exits;

    /// <summary>A page of shared memory, as both sides see it.</summary>
    public byte[] SharedPage(ulong gpa) => PageOf(_shared, gpa);

    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        for (int at = 0; at < destination.Length; at++) destination[at] = PageOf(isPrivate ? _private : _shared, gpa + (ulong)at)[(int)((gpa + (ulong)at) % PageSize)];
        return true;
    }

    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate)
    {
        for (int at = 0; at < source.Length; at++) PageOf(isPrivate ? _private : _shared, gpa + (ulong)at)[(int)((gpa + (ulong)at) % PageSize)] = source[at];
        return true;
    }

    public override ulong AllocatePages(int count, bool isPrivate)
    {
        if ((Left -= count) < 0) return 0;
        ulong gpa = _next;
        _next += (ulong)count * PageSize;
        InUse += count;
        return gpa;
    }

    public override void FreePages(ulong gpa, int count) => InUse -= count;

    public override uint ReadConfig(ushort requesterId, int offset, int size) => uint.MaxValue;

    public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
    {
    }

    public override void Sleep(TimeSpan duration) => Slept += duration;

    private byte[] PrivatePage(ulong gpa) => PageOf(_private, gpa);

    private static byte[] PageOf(Dictionary<ulong, byte[]> pages, ulong gpa)
    {
        ulong page = gpa - (gpa % PageSize);
        if (!pages.TryGetValue(page, out byte[]? bytes)) pages.Add(page, bytes = new byte[PageSize]);
        return bytes;
    }
}
