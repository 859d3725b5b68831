using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>A vCPU's run structure in a process's address space.</summary>
internal sealed class RunMemory : ProcessMemory
{
    /// <summary>The run structure's page, and what Linux keeps behind it on this architecture: data of port I/O, and a ring of coalesced writes. Guests here use neither.</summary>
    public const int ByteLength = 3 * PhysicalMemory.PageSize;

    private readonly KvmVcpuFile _file;

    public RunMemory(KvmVcpuFile file, ulong address, ulong length)
        : base(file.Owner, address, length)
    {
        _file = file;
        file.Get();
    }

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = 0;
        return false;
    }

    public override void Read(ulong offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        _file.Cpu.RunPage.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }

    public override void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        source.CopyTo(_file.Cpu.RunPage.AsSpan((int)offset));
    }

    protected override void Unmapped() => _file.Put();
}
