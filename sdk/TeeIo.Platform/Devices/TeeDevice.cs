using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Devices;

/// <summary>The software platform's device: a physical function with the device security manager (DSM), its virtual functions, and one port with IDE. Trusts nobody: what comes
/// in through mailbox, configuration space or BAR may come from a hostile host.</summary>
public sealed class TeeDevice : ISpdmProtocols, IDisposable
{
    private const LockFlags SupportedFlags = LockFlags.NoFwUpdate | LockFlags.SystemCacheLineSize | LockFlags.LockMsix;

    private readonly CrossingHub _hub;
    private readonly IdeKmResponder _keys;
    private readonly TdispResponder _tdisp;
    private readonly SpdmResponder _spdm;
    private readonly PciFunctionModel[] _functions;
    private bool _isResetting;

    /// <summary>A device.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="memory">The address space that its BARs are in.</param>
    /// <param name="iommu">Where its DMA goes.</param>
    /// <param name="port">The root port above it.</param>
    /// <param name="hub">Who learns of the TDISP messages that it serves.</param>
    /// <param name="seed">What its identity, keys and nonces come from.</param>
    public TeeDevice(TeeDeviceOptions options, PhysicalMemory memory, Iommu iommu, RootPort port, CrossingHub hub, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.VirtualFunctions);
        (Iommu, RootPort, _hub, VirtualFunctionCount) = (iommu, port, hub, options.VirtualFunctions);
        Port = new DeviceIdePort(options.Address, FailOn);
        _functions = new PciFunctionModel[1 + options.VirtualFunctions];
        for (int i = 0; i < _functions.Length; i++)
        {
            ulong bar = options.MmioBase + ((ulong)i * ModelDeviceConstants.BarPages * ModelDeviceConstants.PageSize);
            PciAddress address = options.Address with { RequesterId = (ushort)(options.Address.RequesterId + i) };
            _functions[i] = new PciFunctionModel(this, address, isPhysical: i == 0, bar);
            memory.AttachMmio(bar, _functions[i].BarSize(0), _functions[i]);
        }

        var random = new Random(seed);
        var identity = new ModelIdentity(random.Next());
        _keys = new IdeKmResponder(Port);
        var tdisp = new TdispResponderOptions(SupportedFlags, ModelDeviceConstants.AddressWidth, ModelDeviceConstants.OutstandingRequests, ModelDeviceConstants.ReportPortion);
        _tdisp = new TdispResponder([.. _functions.Select(f => f.Interface)], tdisp, random);
        var spdm = new SpdmResponderOptions
        {
            DataTransferSize = ModelDeviceConstants.DataTransferSize,
            CertificatePortion = ModelDeviceConstants.CertificatePortion,
            HeartbeatPeriod = ModelDeviceConstants.HeartbeatPeriod,
        };
        _spdm = new SpdmResponder(identity, this, random, spdm);
        Mailbox = new DeviceMailbox(this, _spdm);
    }

    /// <summary>Its functions, the physical one first.</summary>
    public IReadOnlyList<PciFunctionModel> Functions => _functions;

    /// <summary>The physical function's mailbox.</summary>
    public IDoeMailbox Mailbox { get; }

    /// <summary>Whether it is in its slot.</summary>
    public bool IsPresent { get; private set; } = true;

    /// <summary>Whether an SPDM session is established.</summary>
    public bool HasSession => _spdm.HasSession;

    /// <summary>Its functions as TDIs, with the state of the stream that each was locked with.</summary>
    public IReadOnlyList<TdiOnStream> TdisOnStreams =>
        [.. _functions.Select(f => new TdiOnStream(f.Address.ToString(), f.TdiState, f.HasSecureStream(f.Interface.StreamId)))];

    internal Iommu Iommu { get; }

    internal RootPort RootPort { get; }

    internal DeviceIdePort Port { get; }

    internal int VirtualFunctionCount { get; }

    int ISpdmProtocols.Answer(uint sessionId, PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response) => protocol switch
    {
        PciProtocol.IdeKm => _keys.Answer(message, response),
        PciProtocol.Tdisp => TdispDispatcher.Dispatch(_tdisp, _hub, message, response),
        _ => 0,
    };

    void ISpdmProtocols.SessionEnded(uint sessionId)
    {
        // Keys and locks belong to the session that made them. There is one at a time, so no other session finds a stream that isn't its own.
        foreach (PciFunctionModel function in _functions) function.Interface.Fail();
        Port.Clear();
        _keys.Reset();
    }

    /// <summary>Somebody pulls it out, whatever it is doing: session, keys and states are gone with its power, and nothing answers until <see cref="PutBack"/>.</summary>
    public void PullOut()
    {
        _functions[0].Reset();
        foreach (PciFunctionModel function in _functions) function.Interface.Stop();
        IsPresent = false;
    }

    /// <summary>Puts it back into its slot, as at power on.</summary>
    public void PutBack() => IsPresent = true;

    /// <summary>Its end of every IDE stream fails, as after a failed integrity check: the streams are insecure until they get new keys, and their TDIs are in ERROR.</summary>
    public void FailStreams() => Port.Fail();

    /// <inheritdoc/>
    public void Dispose() => _spdm.Dispose();

    internal void FailVirtualFunctions()
    {
        foreach (PciFunctionModel function in _functions.Skip(1)) function.Interface.Fail();
    }

    /// <summary>The physical function was reset: session and virtual functions go with it.</summary>
    internal void ResetAll()
    {
        if (_isResetting) return;
        _isResetting = true;
        _spdm.Reset();
        foreach (PciFunctionModel function in _functions.Skip(1)) function.Reset();
        _isResetting = false;
    }

    private void FailOn(byte streamId)
    {
        foreach (PciFunctionModel function in _functions) function.FailOn(streamId);
    }
}
