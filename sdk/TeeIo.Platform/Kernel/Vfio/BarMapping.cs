using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>A BAR in a process's address space. Touching it faults while the device is locked, its memory decoding is off, or its file is closed.</summary>
internal sealed class BarMapping : ProcessMemory
{
    private readonly VfioFile _file;
    private readonly int _bar;
    private readonly ulong _start;

    public BarMapping(VfioFile file, int bar, ulong start, ulong address, ulong length)
        : base(file.Owner, address, length)
    {
        (_file, _bar, _start) = (file, bar, start);
        file.Get();
    }

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        ulong inBar = _start + offset;
        hpa = _file.Device.Function.BarAddress(_bar) + inBar;
        return _file.IsOpen && _file.Device.DecodesMemory && !_file.Device.IsWithheld(_bar, inBar);
    }

    /// <summary>Whether an access through this mapping reaches a page of a BAR now.</summary>
    public bool Reaches(IPciFunction function, int bar, ulong inBar) =>
        ReferenceEquals(_file.Device.Function, function) && bar == _bar && inBar >= _start && inBar - _start < Length && TryTranslate(inBar - _start, out _);

    public override void Read(ulong offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        _file.Device.Kernel.Memory.ReadMmio(Translate(offset), destination, tee: false);
    }

    public override void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        _file.Device.Kernel.Memory.WriteMmio(Translate(offset), source, tee: false);
    }

    protected override void Unmapped() => _file.Put();

    private ulong Translate(ulong offset) => TryTranslate(offset, out ulong hpa)
        ? hpa
        : throw new BusErrorException($"{Owner.Name} touched BAR {_bar} of {_file.Device.Function.Address} at 0x{_start + offset:x}, which isn't there now: the device is locked, doesn't decode memory, or is gone.");
}
