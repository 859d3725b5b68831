using System.Globalization;
using Nvme.Kernel;
using TeeIo.Boundaries;
using TeeIo.Linux;

namespace Nvme;

/// <summary>A disk of the kernel's own driver, which gets the same commands one at a time: the kernel pins the memory, submits, and sleeps until the interrupt.</summary>
internal sealed class KernelDisk : IDisposable
{
    private readonly LinuxTransport _linux = new();
    private readonly Fd _file;
    private readonly KernelDiskClient _disk;
    private readonly UserMemory _data;
    private readonly uint _blockSize;

    /// <param name="path">/dev/nvmeXnY.</param>
    /// <param name="length">The most bytes of a transfer, and of all places where it may go.</param>
    /// <exception cref="IOException">It can't be opened, or isn't a disk.</exception>
    public KernelDisk(string path, ulong length)
    {
        _blockSize = uint.Parse(File.ReadAllText($"/sys/class/block/{Path.GetFileName(path)}/queue/logical_block_size"), CultureInfo.InvariantCulture);
        SysResult opened = _linux.Open(path);
        if (!opened.IsOk) throw new IOException($"{path} can't be opened: {opened.Errno}.");
        _file = new Fd((int)opened.Value);
        _disk = new KernelDiskClient(_linux, _file);
        _data = _linux.Allocate(length);
    }

    /// <summary>Reads or writes.</summary>
    /// <param name="opcode">Which.</param>
    /// <param name="at">Where on the disk, and in memory.</param>
    /// <param name="length">Bytes.</param>
    public void Transfer(NvmeOpcode opcode, ulong at, ulong length) => _disk.SubmitIo(opcode, (ushort)((length / _blockSize) - 1), _data, at, at / _blockSize);

    public void Dispose()
    {
        _linux.Close(_file);
        _data.Dispose();
    }
}
