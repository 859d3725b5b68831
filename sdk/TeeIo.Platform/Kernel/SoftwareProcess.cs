using System.Globalization;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Iommufd;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel;

/// <summary>A process of the software kernel, with its own descriptors and address space. Usually a VMM.</summary>
public sealed partial class SoftwareProcess : IoctlTransport
{
    private const string VfioDirectory = "/dev/vfio/devices/vfio";
    private const int FirstFd = 3;
    private readonly SortedDictionary<int, KernelFile> _files = [];
    private readonly List<ProcessMemory> _mappings = [];
    private ulong _nextAddress = 0x7F00_0000_0000;
    private int _vms;

    internal SoftwareProcess(SoftwareKernel kernel, string name)
    {
        (Kernel, Name) = (kernel, name);
        Threads = new ProcessThreads(this, kernel.Scheduler);
    }

    /// <summary>Its name; its VMs' tasks begin with it.</summary>
    public string Name { get; }

    /// <summary>What the vCPUs of its VMs run: called in a task of each vCPU's own at its first KVM_RUN. Its end shuts the vCPU down.</summary>
    public Action<GuestMachine>? Guest { get; set; }

    /// <summary>Guest-physical address of the configuration space window (ECAM) that its VMM shows to its guests.</summary>
    public ulong ConfigWindow { get; set; } = 0xB000_0000;

    /// <summary>Its open descriptors.</summary>
    public IReadOnlyList<Fd> OpenFiles => [.. _files.Keys.Select(n => new Fd(n))];

    /// <inheritdoc/>
    public override bool IsModel => true;

    internal SoftwareKernel Kernel { get; }

    /// <inheritdoc/>
    public override SysResult Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        ThrowIfKilled();
        switch (path)
        {
            case "/dev/iommu": return Install(new IommufdFile(this));
            case "/dev/kvm": return Install(new KvmFile(this));
        }

        if (!path.StartsWith(VfioDirectory, StringComparison.Ordinal)) return Errno.ENOENT;
        if (!int.TryParse(path.AsSpan(VfioDirectory.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return Errno.ENOENT;
        return Kernel.FindDevice(number) is { } device ? Install(new VfioFile(this, device)) : Errno.ENOENT;
    }

    /// <inheritdoc/>
    public override SysResult Close(Fd fd)
    {
        EnterKernel();
        try
        {
            return Close(fd.Value);
        }
        finally
        {
            LeaveKernel();
        }
    }

    /// <inheritdoc/>
    public override SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame)
    {
        EnterKernel();
        try
        {
            if (File(fd) is not { } file) return Errno.EBADF;
            file.Get();
            try
            {
                return file.Ioctl(request, frame);
            }
            finally
            {
                file.Put();
            }
        }
        finally
        {
            LeaveKernel();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InsufficientMemoryException">The machine has too few free pages.</exception>
    public override UserMemory Allocate(ulong length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ThrowIfKilled();
        ulong pages = (length / PhysicalMemory.PageSize) + (length % PhysicalMemory.PageSize == 0 ? 0UL : 1UL);
        PageSet set = PageSet.Allocate(Kernel.Memory, pages)
            ?? throw new InsufficientMemoryException($"{Name} wants {pages} pages, and the machine has {Kernel.Memory.FreePages} left. Give it more memory.");
        ulong bytes = pages * PhysicalMemory.PageSize;
        return Add(new AnonymousMemory(this, Kernel.Memory, set, NextAddress(bytes), bytes));
    }

    /// <inheritdoc/>
    public override UserMemory? Map(Fd fd, ulong offset, ulong length, out Errno error)
    {
        ThrowIfKilled();
        error = Errno.EBADF;
        if (File(fd) is not { } file) return null;
        error = Errno.EINVAL;
        if (length == 0 || offset % PhysicalMemory.PageSize != 0) return null;
        ulong rounded = (length + PhysicalMemory.PageSize - 1) / PhysicalMemory.PageSize * PhysicalMemory.PageSize;
        return file.Map(offset, rounded, out error) is { } memory ? Add(memory) : null;
    }

    /// <inheritdoc/>
    public override SysResult Read(Fd fd, ulong offset, Span<byte> destination)
    {
        EnterKernel();
        try
        {
            return File(fd) is { } file ? file.Read(offset, destination) : Errno.EBADF;
        }
        finally
        {
            LeaveKernel();
        }
    }

    /// <inheritdoc/>
    public override SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source)
    {
        EnterKernel();
        try
        {
            return File(fd) is { } file ? file.Write(offset, source) : Errno.EBADF;
        }
        finally
        {
            LeaveKernel();
        }
    }

    /// <inheritdoc/>
    public override SysResult Receive(Fd fd, Span<byte> destination)
    {
        EnterKernel();
        try
        {
            return File(fd) is { } file ? file.Receive(destination) : Errno.EBADF;
        }
        finally
        {
            LeaveKernel();
        }
    }

    /// <inheritdoc/>
    public override SysResult Send(Fd fd, ReadOnlySpan<byte> source)
    {
        EnterKernel();
        try
        {
            return File(fd) is { } file ? file.Send(source) : Errno.EBADF;
        }
        finally
        {
            LeaveKernel();
        }
    }

    /// <inheritdoc/>
    public override CrossingContext ExitContext(Fd fd) => File(fd) is KvmVcpuFile vcpu ? vcpu.Cpu.ExitContext : default;

    /// <summary>Ends the process: closes its descriptors in ascending order and unmaps its memory.</summary>
    public void Exit()
    {
        foreach (Fd fd in OpenFiles) Close(fd);
        foreach (ProcessMemory memory in _mappings.ToArray()) memory.Dispose();
    }

    internal KernelFile? File(Fd fd) => _files.GetValueOrDefault(fd.Value);

    internal Fd Install(KernelFile file, out SysResult result)
    {
        result = Install(file);
        return new Fd((int)result.Value);
    }

    internal SysResult Install(KernelFile file)
    {
        int number = FirstFd;
        while (_files.ContainsKey(number)) number++;
        _files.Add(number, file);
        return SysResult.Of(number);
    }

    /// <summary>The name of its next VM: its own name for the first.</summary>
    internal string NextVmName() => ++_vms == 1 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}.{_vms}");

    /// <summary>Reserves addresses for a new mapping.</summary>
    internal ulong NextAddress(ulong length)
    {
        ulong address = _nextAddress;
        _nextAddress += length + PhysicalMemory.PageSize;
        return address;
    }

    /// <summary>The mapping that holds all of a range, or null.</summary>
    internal ProcessMemory? Find(ulong address, ulong length) =>
        _mappings.Find(m => address >= m.Address && address - m.Address <= m.Length && length <= m.Length - (address - m.Address));

    /// <summary>Whether one of its mappings reaches a page of a BAR now.</summary>
    internal bool Reaches(IPciFunction function, int bar, ulong offset) => _mappings.OfType<BarMapping>().Any(m => m.Reaches(function, bar, offset));

    internal void Unmap(ProcessMemory memory) => _mappings.Remove(memory);

    private ProcessMemory Add(ProcessMemory memory)
    {
        _mappings.Add(memory);
        return memory;
    }
}
