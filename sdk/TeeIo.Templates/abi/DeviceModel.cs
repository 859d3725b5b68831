using MyDevice.Abi;
using TeeIo.Boundaries;
using TeeIo.Linux;

namespace MyDevice;

/// <summary>The driver's side: what each call does. The dispatcher has copied the argument in and checked sizes, reserved fields and buffers before a method is called.</summary>
internal sealed class DeviceModel : IDeviceServer
{
    private const int Inputs = 4;
    private readonly Dictionary<ChannelId, uint> _inputs = [];

    public SysResult Open(ref ChannelOpen open)
    {
        if (open.Input >= Inputs || open.Rate is not (Rate.Slow or Rate.Fast)) return Errno.EINVAL;
        if (_inputs.ContainsValue(open.Input)) return Errno.EBUSY;
        open.Channel = new ChannelId(open.Input + 1);
        _inputs[open.Channel] = open.Input;
        return SysResult.Ok;
    }

    public SysResult Read(ref ChannelRead read, Span<uint> samples)
    {
        if (!_inputs.TryGetValue(read.Channel, out uint input)) return Errno.ENOENT;
        for (int i = 0; i < samples.Length; i++) samples[i] = (1000 * (input + 1)) + (uint)i;
        read.Count = (uint)samples.Length;
        return SysResult.Ok;
    }

    public SysResult Close(ref ChannelClose close) => _inputs.Remove(close.Channel) ? SysResult.Ok : Errno.ENOENT;
}
