using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>The kernel that this program runs on.</summary>
public sealed class LinuxTarget : Target
{
    private const uint CodeSlot = 100;
    private const int CodeSegmentEnd = 0xF000;
    private const int DescriptorAt = 0xE00;
    private const int ResetCode = 16;

    /// <inheritdoc/>
    public override IoctlTransport Transport => Iommu.Linux;

    /// <inheritdoc/>
    /// <remarks>The last page below 4 GiB, where a processor starts in real mode: it jumps to the page's start. An interrupt without a table of interrupts shuts it down.</remarks>
    public override IDisposable Load(Fd vm, IReadOnlyList<GuestStep> program)
    {
        ArgumentNullException.ThrowIfNull(program);
        List<byte> begin = [];
        foreach (GuestStep step in program)
        {
            bool isWord = step.Length == sizeof(ushort);
            if (step.Value is { } value) begin.AddRange(isWord ? [0xB8, (byte)value, (byte)(value >> 8)] : [0xB0, (byte)value]);
            begin.AddRange([(byte)((step.Value is null ? 0xA0 : 0xA2) + (isWord ? 1 : 0)), (byte)step.Address, (byte)(step.Address >> 8)]);
        }

        const int Descriptor = CodeSegmentEnd + DescriptorAt;
        begin.AddRange([0x2E, 0x0F, 0x01, 0x1E, Descriptor & 0xFF, Descriptor >> 8, 0xCC]);
        byte[] code = new byte[Iommu.Page];
        begin.CopyTo(code);
        Span<byte> reset = code.AsSpan(code.Length - ResetCode);
        reset[0] = 0xE9;
        BinaryPrimitives.WriteInt16LittleEndian(reset[1..], (short)(ResetCode - code.Length - 3));
        UserMemory memory = Transport.Allocate(Iommu.Page);
        memory.Write(0, code);
        new KvmVmClient(Transport, vm).SetUserMemoryRegion(CodeSlot, MemoryFlags.None, (1ul << 32) - Iommu.Page, Iommu.Page, memory, 0);
        return memory;
    }
}
