using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;

namespace TeeIo.Cli.Spdm;

/// <summary>The software platform's device behind a socket: its own measurements, IDE_KM and TDISP, with the certificates and keys that it was given.</summary>
internal sealed class SocketDevice : ISpdmIdentity, IDisposable
{
    private const int MemoryPages = 64;
    private const ulong MmioBase = 0xC000_0000;
    private readonly PhysicalMemory _memory;
    private readonly TeeDevice _device;
    private readonly ModelIdentity _model;

    public SocketDevice(SpdmSlot slot, SpdmSettings settings, List<X509Certificate2> requesterRoots)
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        Slots = [slot];
        _model = new ModelIdentity(seed);
        _memory = new PhysicalMemory(MemoryPages, seed);
        _device = new TeeDevice(new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 1, MmioBase), _memory, new Iommu(_memory), new RootPort(1), new CrossingHub([]), seed);
        ISpdmVerifier? requesters = requesterRoots.Count == 0 ? null : new SpdmX509Verifier(requesterRoots, TimeProvider.System, isForRequesters: true);
        Responder = new SpdmResponder(this, _device, new CryptographicRandom(), settings.Responder(requesters), TimeProvider.System);
    }

    public SpdmResponder Responder { get; }

    public IReadOnlyList<SpdmSlot> Slots { get; }

    public IReadOnlyList<SpdmMeasurement> Measure() => _model.Measure();

    public void Dispose()
    {
        Responder.Dispose();
        _device.Dispose();
        _memory.Dispose();
    }
}
