using System.Text;

namespace Nvme;

/// <summary>What the program does with a disk.</summary>
internal sealed class DiskTool : IDisposable
{
    private const ulong BufferSize = 1 << 20;
    private readonly PciFunction _function;
    private readonly Controller _controller;
    private readonly Disk _disk;
    private readonly DmaMemory _buffer;

    /// <param name="path">The controller's VFIO device file.</param>
    public DiskTool(string path)
    {
        _function = new PciFunction(path);
        try
        {
            _controller = new Controller(_function);
            _disk = new Disk(_controller, _controller.CreateQueues(null));
            _buffer = _function.Allocate(BufferSize);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Says what controller and disk it is.</summary>
    public void Describe()
    {
        NvmeIdCtrl identity = _controller.Identity;
        Console.WriteLine($"model:     {Text(identity.Mn)}");
        Console.WriteLine($"serial:    {Text(identity.Sn)}");
        Console.WriteLine($"firmware:  {Text(identity.Fr)}");
        Console.WriteLine($"namespace: {_disk.Number}, {_disk.Blocks} blocks of {_disk.BlockSize} bytes, up to {_disk.MaxTransfer >> 10} KiB with a command");
    }

    /// <summary>Writes the last MiB, reads it back once by looking for completions and once by waiting for interrupts, compares, and puts back what was there.</summary>
    public void Check()
    {
        ulong first = _disk.Blocks - (BufferSize / _disk.BlockSize);
        CheckRange(first, BufferSize);
        DmaMemory pattern = _function.Allocate(BufferSize);
        byte[] written = new byte[BufferSize];
        new Random((int)first).NextBytes(written);
        pattern.Memory.Write(0, written);

        _disk.Read(first, _buffer, 0, BufferSize);
        _disk.Write(first, pattern, 0, BufferSize);
        Disk interrupted = Interrupted(out Interrupt interrupt);
        bool isEqual = IsReadBack(_disk) & IsReadBack(interrupted);
        _disk.Write(first, _buffer, 0, BufferSize);
        _disk.Flush();
        if (interrupt.Count == 0 && !interrupt.Wait(TimeSpan.FromSeconds(10))) throw new IOException("the read was complete, but no interrupt came. See /proc/interrupts, and 'dmesg' for what the IOMMU says.");
        if (!isEqual) throw new IOException($"what was written from block {first} on isn't what is read there.");
        Console.WriteLine($"{BufferSize} bytes from block {first} on: written, read back by polling and by interrupt, equal");

        bool IsReadBack(Disk disk)
        {
            pattern.Memory.Write(0, new byte[BufferSize]);
            disk.Read(first, pattern, 0, BufferSize);
            byte[] read = new byte[BufferSize];
            pattern.Memory.Read(0, read);
            return read.AsSpan().SequenceEqual(written);
        }
    }

    /// <summary>Writes blocks to standard output.</summary>
    public void Read(ulong first, ulong blocks)
    {
        CheckRange(first, Math.Min(blocks, _disk.Blocks + 1) * _disk.BlockSize);
        using Stream output = Console.OpenStandardOutput();
        byte[] bytes = new byte[BufferSize];
        for (ulong done = 0, length = blocks * _disk.BlockSize; done < length;)
        {
            Span<byte> part = bytes.AsSpan(0, (int)Math.Min(BufferSize, length - done));
            _disk.Read(first + (done / _disk.BlockSize), _buffer, 0, (ulong)part.Length);
            _buffer.Memory.Read(0, part);
            output.Write(part);
            done += (ulong)part.Length;
        }
    }

    /// <summary>Writes standard input to blocks. All of it is read first, so that nothing is written if it doesn't fit.</summary>
    public void Write(ulong first)
    {
        using Stream input = Console.OpenStandardInput();
        using MemoryStream all = new();
        input.CopyTo(all);
        if (all.Length % _disk.BlockSize != 0) throw new IOException($"standard input has {all.Length} bytes, which are no whole blocks of {_disk.BlockSize}. Nothing was written.");
        CheckRange(first, (ulong)all.Length);
        for (ulong done = 0, length = (ulong)all.Length; done < length;)
        {
            ReadOnlySpan<byte> part = all.GetBuffer().AsSpan((int)done, (int)Math.Min(BufferSize, length - done));
            _buffer.Memory.Write(0, part);
            _disk.Write(first + (done / _disk.BlockSize), _buffer, 0, (ulong)part.Length);
            done += (ulong)part.Length;
        }

        _disk.Flush();
    }

    /// <summary>Says how fast it is.</summary>
    /// <param name="kernel">A disk of the kernel's driver to compare with, or null.</param>
    public void Measure(string? kernel)
    {
        using KernelDisk? other = kernel is null ? null : new KernelDisk(kernel, BufferSize);
        new Throughput(_disk, Interrupted(out _), _buffer, other).Print(Console.Out);
    }

    public void Dispose()
    {
        _controller?.Dispose();
        _function.Dispose();
    }

    private static string Text(ReadOnlySpan<byte> padded) => Encoding.ASCII.GetString(padded).TrimEnd();

    /// <summary>The same disk through queues whose completions an interrupt tells of.</summary>
    private Disk Interrupted(out Interrupt interrupt)
    {
        // Number 0 is the admin queues' as well.
        interrupt = _function.EnableInterrupt(1);
        return new Disk(_controller, _controller.CreateQueues(interrupt));
    }

    private void CheckRange(ulong first, ulong length)
    {
        if (first > _disk.Blocks || length / _disk.BlockSize > _disk.Blocks - first) throw new IOException($"the disk has {_disk.Blocks} blocks; {length / _disk.BlockSize} from block {first} on go beyond its end.");
    }
}
