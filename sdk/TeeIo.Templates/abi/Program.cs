using MyDevice;
using MyDevice.Abi;
using TeeIo.Boundaries;

// Both sides of the spec, tied together in this process.
var model = new DeviceModel();
var transport = new Loopback((request, scoped in frame) => DeviceDispatcher.Dispatch(model, null, request, frame));
var device = new DeviceClient(transport, new Fd((int)transport.Open("/dev/my-device").Value));

ChannelId channel = device.Open(input: 2, Rate.Fast);
Span<uint> samples = stackalloc uint[3];
uint count = device.Read(channel, samples);
Console.WriteLine($"{count} samples of {channel}: {string.Join(", ", samples.ToArray())} µV");

// Each call has a second form, which returns its error and neither throws nor allocates.
Console.WriteLine($"once more: {device.TryOpen(2, Rate.Slow, out _)}");
device.Close(channel);
