using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>One script's run on one kernel: every call through it becomes a line. At its end it closes what is still open, the oldest first.</summary>
public sealed class Session : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const ulong Page = Iommu.Page;

    /// <summary>Bytes of <see cref="Memory"/> from <see cref="Start"/> on.</summary>
    public const ulong MemoryLength = 64 * Page;

    private const ulong HugePage = 1 << 21;
    private readonly Transcriber _transcriber = new();
    private readonly List<Fd> _open = [];
    private readonly List<IDisposable> _kept = [];

    /// <summary>Begins.</summary>
    public Session(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
        Hub = new CrossingHub([_transcriber]);

        // What the kernel picks depends on how the memory is aligned: it is the same on both.
        Memory = Allocate(MemoryLength);
        if (Memory.Address % HugePage == 0) return;
        Memory = Allocate(MemoryLength + HugePage);
        Start = HugePage - (Memory.Address % HugePage);
    }

    /// <summary>The kernel and its machine.</summary>
    public Target Target { get; }

    /// <summary>Where crossings are written down.</summary>
    public CrossingHub Hub { get; }

    /// <summary>Memory of the process.</summary>
    public UserMemory Memory { get; }

    /// <summary>Where in it an address begins that is aligned to a huge page.</summary>
    public ulong Start { get; }

    /// <summary>What was written down.</summary>
    public IReadOnlyList<string> Lines => _transcriber.Lines;

    /// <summary>Memory that lives as long as the session.</summary>
    public UserMemory Allocate(ulong length)
    {
        UserMemory memory = Target.Transport.Allocate(length);
        _kept.Add(memory);
        return memory;
    }

    /// <summary>Writes down what a script found out by other means than a call's own fields.</summary>
    public void Note(string what, string outcome) => _transcriber.Add(what, outcome);

    /// <summary>Opens a file; a descriptor that nothing has where it can't be.</summary>
    public Fd Open(string path)
    {
        SysResult opened = Target.Transport.Open(path);
        if (opened.IsOk) _open.Add(new Fd((int)opened.Value));
        Note("open " + path, opened.IsOk ? _transcriber.Name((int)opened.Value) : Text(opened));
        return opened.IsOk ? new Fd((int)opened.Value) : Fd.None;
    }

    /// <summary>A client of a new iommufd.</summary>
    public IommufdClient Iommufd() => Iommufd(Open("/dev/iommu"));

    /// <summary>A client of an iommufd.</summary>
    public IommufdClient Iommufd(Fd fd) => new(Target.Transport, fd, Hub);

    /// <summary>A client of a newly opened device.</summary>
    public VfioDeviceClient Device(bool isOther = false) => Device(Open(isOther ? Target.OtherDevice : Target.Device));

    /// <summary>A client of a device's file.</summary>
    public VfioDeviceClient Device(Fd fd) => new(Target.Transport, fd, Hub);

    /// <summary>A client of KVM, newly opened.</summary>
    public KvmClient Kvm() => new(Target.Transport, Open("/dev/kvm"), Hub);

    /// <summary>A client of a VM.</summary>
    public KvmVmClient Vm(Fd fd) => new(Target.Transport, fd, Hub);

    /// <summary>A client of a VM's device.</summary>
    public KvmDeviceClient VmDevice(Fd fd) => new(Target.Transport, fd, Hub);

    /// <summary>A client of a vCPU.</summary>
    public KvmVcpuClient Vcpu(Fd fd) => new(Target.Transport, fd, Hub);

    /// <summary>Sees to it that a descriptor which a call made is closed at the end.</summary>
    public Fd Keep(Fd fd)
    {
        if (fd.Value >= 0 && !_open.Contains(fd)) _open.Add(fd);
        return fd;
    }

    /// <summary>Puts a program where a VM's processor begins.</summary>
    public void Load(Fd vm, params IReadOnlyList<GuestStep> program) => _kept.Add(Target.Load(vm, program));

    /// <summary>Closes a descriptor.</summary>
    public void Close(Fd fd)
    {
        _open.Remove(fd);
        Note("close " + _transcriber.NameOf(fd.Value), Text(Target.Transport.Close(fd)));
    }

    /// <summary>Reads.</summary>
    public void Read(Fd fd, ulong offset, int length)
    {
        byte[] bytes = new byte[length];
        SysResult read = Target.Transport.Read(fd, offset, bytes);
        Note(Place("read", fd, offset, (ulong)length), Text(read) + (read.IsOk ? " " + Convert.ToHexString(bytes, 0, (int)read.Value) : ""));
    }

    /// <summary>Writes.</summary>
    public void Write(Fd fd, ulong offset, params byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Note($"{Place("write", fd, offset, (ulong)bytes.Length)} {Convert.ToHexString(bytes)}", Text(Target.Transport.Write(fd, offset, bytes)));
    }

    /// <summary>Receives, where that doesn't wait.</summary>
    public void Receive(Fd fd, int length)
    {
        byte[] bytes = new byte[length];
        Note(Place("receive", fd, 0, (ulong)length), Text(Target.Transport.Receive(fd, bytes)));
    }

    /// <summary>Sends.</summary>
    public void Send(Fd fd, params byte[] bytes) => Note($"{Place("send", fd, 0, (ulong)bytes.Length)} {Convert.ToHexString(bytes)}", Text(Target.Transport.Send(fd, bytes)));

    /// <summary>Maps.</summary>
    /// <returns>The memory, which lives as long as the session; null where it can't be mapped.</returns>
    public UserMemory? Map(Fd fd, ulong offset, ulong length)
    {
        UserMemory? memory = Target.Transport.Map(fd, offset, length, out Errno error);
        if (memory is not null) _kept.Add(memory);
        Note(Place("map", fd, offset, length), memory is null ? Text(error) : "0");
        return memory;
    }

    /// <summary>Reads 4 bytes of mapped registers.</summary>
    public void Load(UserMemory? memory, ulong offset)
    {
        byte[] bytes = new byte[4];
        memory?.Read(offset, bytes);
        Note($"load 0x{offset:x}", memory is null ? "no memory" : $"0x{BitConverter.ToUInt32(bytes):x}");
    }

    /// <summary>Issues a call with a record as it stands, whatever is wrong with it.</summary>
    public void Raw(Fd fd, CallInfo call, params byte[] record)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(record);
        Raw(fd, call.Name, (uint)call.Number!.Value, record, call);
    }

    /// <summary>Issues a request with a record as it stands.</summary>
    public void Raw(Fd fd, string name, uint request, byte[] record, CallInfo? call = null)
    {
        string before = Convert.ToHexString(record);
        SysResult result = Target.Transport.Ioctl(fd, request, new IoctlFrame(record));
        foreach (ArgumentInfo made in (result.IsOk ? call?.Arguments ?? [] : []).Where(a => a.IsOutput && Transcriber.IsDescriptor(a.Name)))
        {
            // Each kernel counts descriptors in its own way.
            Span<byte> number = record.AsSpan(made.Offset, made.Size);
            Keep(new Fd(BinaryPrimitives.ReadInt32LittleEndian(number)));
            number.Clear();
        }

        string after = Convert.ToHexString(record);
        Note($"{name} on {_transcriber.NameOf(fd.Value)} {before}", Text(result) + (after == before ? "" : " " + after));
    }

    /// <summary>The run structure of a vCPU, as its last exit left it.</summary>
    public void Exit(UserMemory? run)
    {
        if (run is null) return;
        KvmRun record = Read(run);
        string detail = record.ExitReason switch
        {
            ExitReason.Mmio when KvmExitMmio.TryRead(record.Exit, out KvmExitMmio mmio) =>
                $" 0x{mmio.PhysAddr:x} {(mmio.IsWrite != 0 ? "write " + Convert.ToHexString(((ReadOnlySpan<byte>)mmio.Data)[..(int)mmio.Len]) : "read")} {mmio.Len}",
            ExitReason.MemoryFault when KvmExitMemoryFault.TryRead(record.Exit, out KvmExitMemoryFault fault) => $" {fault.Flags} 0x{fault.Gpa:x} 0x{fault.Size:x}",
            _ => "",
        };
        Note("exit", record.ExitReason + detail);
    }

    /// <summary>Answers a vCPU's read of memory that isn't there.</summary>
    public static void Answer(UserMemory? run, ushort value)
    {
        if (run is null) return;
        KvmRun record = Read(run);
        if (!KvmExitMmio.TryRead(record.Exit, out KvmExitMmio mmio)) return;
        (mmio.Data[0], mmio.Data[1]) = ((byte)value, (byte)(value >> 8));
        mmio.Write(record.Exit);
        Write(run, record);
    }

    /// <summary>Has a vCPU's next run end at once, or not.</summary>
    public static void ExitAtOnce(UserMemory? run, bool value)
    {
        if (run is null) return;
        KvmRun record = Read(run);
        record.ImmediateExit = value ? (byte)1 : (byte)0;
        Write(run, record);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Fd fd in _open) Target.Transport.Close(fd);
        foreach (IDisposable kept in _kept) kept.Dispose();
    }

    /// <summary>A record's bytes.</summary>
    public static byte[] Bytes<T>(T record)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in record)).ToArray();

    private static KvmRun Read(UserMemory run)
    {
        byte[] bytes = new byte[KvmRun.ByteSize];
        run.Read(0, bytes);
        KvmRun.TryRead(bytes, out KvmRun record);
        return record;
    }

    private static void Write(UserMemory run, KvmRun record)
    {
        byte[] bytes = new byte[KvmRun.ByteSize];
        record.Write(bytes);
        run.Write(0, bytes);
    }

    private static string Text(SysResult result) => result.IsOk ? result.Value.ToString(CultureInfo.InvariantCulture) : "-" + result.Errno;

    private string Place(string what, Fd fd, ulong offset, ulong length) => string.Create(CultureInfo.InvariantCulture, $"{what} {_transcriber.NameOf(fd.Value)} 0x{offset:x} {length}");
}
