using System.Buffers.Binary;
using TeeIo.Pci.ModelDevice;

namespace TeeIo.Platform.Devices;

/// <summary>Registers and data of a function, and the engine behind its doorbell.</summary>
/// <param name="function">The function.</param>
internal sealed class DmaEngine(PciFunctionModel function)
{
    private readonly byte[] _data = new byte[ModelDeviceConstants.DataPages * ModelDeviceConstants.PageSize];
    private ModelStatus _status;
    private ModelControl _control;
    private ulong _address;
    private uint _length;
    private uint _pattern;
    private uint _checksum;
    private uint _transfers;
    private uint _failures;

    public Span<byte> Data => _data;

    public void Clear()
    {
        _data.AsSpan().Clear();
        (_status, _control, _address, _length, _pattern, _checksum, _transfers, _failures) = (0, 0, 0, 0, 0, 0, 0, 0);
    }

    public void Read(int offset, Span<byte> destination)
    {
        var register = (ModelRegister)offset;
        if (register == ModelRegister.DmaAddress && destination.Length == sizeof(ulong)) BinaryPrimitives.WriteUInt64LittleEndian(destination, _address);
        else if (register != ModelRegister.DmaAddress && destination.Length == sizeof(uint)) BinaryPrimitives.WriteUInt32LittleEndian(destination, Value(register));
        else destination.Fill(0xFF);
    }

    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        var register = (ModelRegister)offset;
        if (register == ModelRegister.DmaAddress)
        {
            if (source.Length == sizeof(ulong)) _address = BinaryPrimitives.ReadUInt64LittleEndian(source);
            return;
        }

        if (source.Length != sizeof(uint)) return;
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(source);
        switch (register)
        {
            case ModelRegister.Doorbell: Ring((ModelCommand)value); break;
            case ModelRegister.DmaLength: _length = value; break;
            case ModelRegister.Pattern: _pattern = value; break;
            case ModelRegister.Control: _control = (ModelControl)value & ModelControl.SharedDma; break;
            default: break;
        }
    }

    private uint Value(ModelRegister register) => register switch
    {
        ModelRegister.Magic => ModelDeviceConstants.Magic,
        ModelRegister.Revision => ModelDeviceConstants.Revision,
        ModelRegister.Status => (uint)_status,
        ModelRegister.DmaLength => _length,
        ModelRegister.Pattern => _pattern,
        ModelRegister.Checksum => _checksum,
        ModelRegister.Transfers => _transfers,
        ModelRegister.Failures => _failures,
        ModelRegister.Control => (uint)_control,
        ModelRegister.Doorbell => 0,
        _ => uint.MaxValue,
    };

    private void Ring(ModelCommand command)
    {
        bool tee = function.IsTrusted && !_control.HasFlag(ModelControl.SharedDma);
        bool isDone = Transfer(command, tee);
        _status = (isDone ? ModelStatus.Done : ModelStatus.Failed) | (tee ? ModelStatus.Trusted : 0);
        if (isDone) _transfers++;
        else _failures++;
    }

    private bool Transfer(ModelCommand command, bool tee)
    {
        bool usesData = command is ModelCommand.ReadMemory or ModelCommand.WriteMemory;
        int limit = usesData ? _data.Length : ModelDeviceConstants.MaxTransfer;
        if (_length == 0 || _length > limit) return false;
        Span<byte> buffer = usesData ? _data.AsSpan(0, (int)_length) : new byte[_length];
        switch (command)
        {
            case ModelCommand.FillMemory:
                for (int i = 0; i < buffer.Length; i++) buffer[i] = (byte)(_pattern + (uint)i);
                return Sum(buffer, function.DmaWrite(_address, buffer, tee));
            case ModelCommand.WriteMemory:
                return Sum(buffer, function.DmaWrite(_address, buffer, tee));
            case ModelCommand.SumMemory or ModelCommand.ReadMemory:
                return Sum(buffer, function.DmaRead(_address, buffer, tee));
            default:
                return false;
        }
    }

    private bool Sum(ReadOnlySpan<byte> buffer, bool isDone)
    {
        _checksum = 0;
        if (!isDone) return false;
        foreach (byte b in buffer) _checksum += b;
        return true;
    }
}
