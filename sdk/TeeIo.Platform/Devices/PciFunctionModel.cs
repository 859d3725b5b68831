using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.Doe;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Devices;

/// <summary>A function of the model device: configuration space, BAR 0 and the TDI. Each function decodes memory and masters the bus by its own command register.</summary>
/// <remarks>From LOCK on, nobody reaches the TEE's pages without the T bit; with it they answer in RUN only, over a secure IDE stream. A change of the frozen configuration, and a reset
/// of a locked or running function, lead to ERROR; a reset in ERROR leads out (PCI Express isn't public on this; it is the model's choice). The mailbox is reached as a whole,
/// its registers are there to be found only.</remarks>
public sealed class PciFunctionModel : IPciFunction, IMmioTarget
{
    private const int PageSize = ModelDeviceConstants.PageSize;
    private const int MsixControlOffset = ModelDeviceConstants.MsixCapability + (int)MsixRegister.Flags;
    private const int DeviceControlOffset = ModelDeviceConstants.ExpressCapability + (int)ExpressRegister.Devctl;
    private const int PowerControlOffset = ModelDeviceConstants.PmCapability + (int)PowerRegister.Ctrl;
    private const int SriovControlOffset = ModelDeviceConstants.SriovCapability + (int)SriovRegister.Ctrl;
    private const int BarOffset = (int)ConfigRegister.BaseAddress0;

    private readonly TeeDevice _device;
    private readonly ulong _barAddress;
    private readonly byte[] _openPages = new byte[(ModelDeviceConstants.BarPages - ModelDeviceConstants.OpenPage) * PageSize];
    private readonly DmaEngine _engine;
    private readonly DeviceInterface _interface;
    private ConfigurationSpace _config;

    internal PciFunctionModel(TeeDevice device, PciAddress address, bool isPhysical, ulong barAddress)
    {
        (_device, Address, IsPhysical, _barAddress) = (device, address, isPhysical, barAddress);
        _engine = new DmaEngine(this);
        _interface = new DeviceInterface(this);
        _config = BuildConfiguration();
    }

    /// <inheritdoc/>
    public PciAddress Address { get; }

    /// <summary>Whether it is the physical function.</summary>
    public bool IsPhysical { get; }

    /// <inheritdoc/>
    public IDoeMailbox? Mailbox => IsPhysical ? _device.Mailbox : null;

    /// <inheritdoc/>
    public int InterruptVectors => ModelDeviceConstants.MsixVectors;

    /// <summary>The TDI.</summary>
    public TdispInterface Interface => _interface;

    /// <summary>State of the TDI.</summary>
    public TdiState TdiState => _interface.State;

    internal ushort MsixControl => _config.Word(MsixControlOffset);

    /// <summary>Whether its DMA carries the T bit.</summary>
    internal bool IsTrusted => _interface.State == TdiState.Run;

    private ConfigCommand Command => (ConfigCommand)_config.Word((int)ConfigRegister.Command);

    private bool IsMsixLocked => _interface.IsLocked && _interface.LockFlags.HasFlag(LockFlags.LockMsix);

    private bool PassesTrusted => _device.Port.Find(_interface.StreamId) is { } stream && _device.RootPort.PassesTrusted(Address.RequesterId, stream);

    /// <inheritdoc/>
    public uint ReadConfig(int offset, int size) => _device.IsPresent ? _config.Read(offset, size) : size == sizeof(uint) ? uint.MaxValue : (1u << (8 * size)) - 1;

    /// <inheritdoc/>
    public void WriteConfig(int offset, int size, uint value)
    {
        if (!_device.IsPresent) return;
        Frozen before = Freeze();
        _config.Write(offset, size, value);
        if (before.IsViolatedBy(Freeze(), IsMsixLocked)) _interface.Fail();
        if (before.HasVirtualFunctions && !Freeze().HasVirtualFunctions) _device.FailVirtualFunctions();
        if (!((ExpressDeviceControl)_config.Word(DeviceControlOffset)).HasFlag(ExpressDeviceControl.BcrFlr)) return;
        Reset();
    }

    /// <inheritdoc/>
    public ulong BarAddress(int bar) => bar == 0 ? _barAddress : 0;

    /// <inheritdoc/>
    public ulong BarSize(int bar) => bar == 0 ? ModelDeviceConstants.BarPages * (ulong)PageSize : 0;

    /// <inheritdoc/>
    public bool IsTeePage(int bar, ulong offset) => bar == 0 && offset / PageSize < ModelDeviceConstants.OpenPage;

    /// <summary>Resets the function: registers and memory are as at power on, with the BAR and memory decoding as the kernel restores them. A reset of the physical function
    /// ends the SPDM session and resets the virtual ones, too.</summary>
    public void Reset()
    {
        if (!_device.IsPresent) return;
        if (_interface.IsLocked) _interface.Fail();
        else if (_interface.State == TdiState.Error) _interface.Stop();
        _config = BuildConfiguration();
        _engine.Clear();
        _openPages.AsSpan().Clear();
        if (IsPhysical) _device.ResetAll();
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> destination, bool tee)
    {
        if (!Allows(offset, destination.Length, tee))
        {
            destination.Fill(0xFF);
            return;
        }

        int page = (int)(offset / PageSize);
        if (page == ModelDeviceConstants.RegisterPage) _engine.Read((int)offset, destination);
        else Memory(offset, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> source, bool tee)
    {
        if (!Allows(offset, source.Length, tee)) return;
        int page = (int)(offset / PageSize);
        if (page == ModelDeviceConstants.RegisterPage)
        {
            _engine.Write((int)offset, source);
        }
        else if (page == ModelDeviceConstants.MsixTablePage && IsMsixLocked)
        {
            _interface.Fail();
        }
        else if (page != ModelDeviceConstants.MsixPbaPage)
        {
            source.CopyTo(Memory(offset, source.Length));
        }
    }

    internal bool HasSecureStream(byte streamId) => _device.Port.Find(streamId) is { IsSecure: true };

    internal void FailOn(byte streamId)
    {
        if (_interface.StreamId == streamId) _interface.Fail();
    }

    internal void ClearSecrets() => _engine.Clear();

    internal bool DmaRead(ulong address, Span<byte> destination, bool tee) => MayMaster(tee) && _device.Iommu.Read(Address.RequesterId, address, destination, tee);

    internal bool DmaWrite(ulong address, ReadOnlySpan<byte> source, bool tee) => MayMaster(tee) && _device.Iommu.Write(Address.RequesterId, address, source, tee);

    private bool MayMaster(bool tee) => _device.IsPresent && Command.HasFlag(ConfigCommand.Master) && _interface.State != TdiState.Error && (!tee || PassesTrusted);

    private bool Allows(ulong offset, int length, bool tee)
    {
        ulong end = offset + (ulong)length;
        bool isInside = length > 0 && end <= BarSize(0) && offset / PageSize == (end - 1) / PageSize;
        if (!isInside || !_device.IsPresent || !Command.HasFlag(ConfigCommand.Memory) || CurrentBar() != _barAddress) return false;
        if (tee) return _interface.State == TdiState.Run && PassesTrusted;
        return !IsTeePage(0, offset) || _interface.State == TdiState.ConfigUnlocked;
    }

    private Span<byte> Memory(ulong offset, int length) => IsTeePage(0, offset)
        ? _engine.Data.Slice((int)offset - (ModelDeviceConstants.DataPage * PageSize), length)
        : _openPages.AsSpan((int)offset - (ModelDeviceConstants.OpenPage * PageSize), length);

    private ulong CurrentBar() =>
        (((ulong)_config.Dword(BarOffset + sizeof(uint)) << 32) | _config.Dword(BarOffset)) & ~(ulong)ConfigSpaceConstants.BarFlagsMask;

    private Frozen Freeze() => new(
        CurrentBar(), Command & (ConfigCommand.Memory | ConfigCommand.Master), MsixControl, _config.Word(PowerControlOffset) & ConfigSpaceConstants.PowerStateMask,
        IsPhysical && ((SriovControl)_config.Word(SriovControlOffset)).HasFlag(SriovControl.Vfe));

    private ConfigurationSpace BuildConfiguration()
    {
        ConfigurationSpace config = new();
        config.SetWord((int)ConfigRegister.VendorId, ModelDeviceConstants.VendorId);
        config.SetWord((int)ConfigRegister.DeviceId, IsPhysical ? (ushort)ModelDeviceConstants.DeviceId : (ushort)ModelDeviceConstants.VirtualDeviceId);
        config.SetWord((int)ConfigRegister.Command, (ushort)ConfigCommand.Memory, (ushort)(ConfigCommand.Memory | ConfigCommand.Master | ConfigCommand.IntxDisable));
        config.SetWord((int)ConfigRegister.Status, (ushort)ConfigStatus.CapList);
        config.SetByte((int)ConfigRegister.RevisionId, ModelDeviceConstants.Revision);
        config.SetWord((int)ConfigRegister.ClassDevice, ModelDeviceConstants.Class);
        config.SetDword(BarOffset, (uint)_barAddress | (uint)BarFlags.MemType64, ~((uint)BarSize(0) - 1));
        config.SetDword(BarOffset + sizeof(uint), (uint)(_barAddress >> 32), uint.MaxValue);
        config.AddCapability((int)ConfigRegister.CapabilityList, ModelDeviceConstants.PmCapability, CapabilityId.Pm);
        config.SetWord(ModelDeviceConstants.PmCapability + (int)PowerRegister.Pmc, ModelDeviceConstants.PmVersion);
        config.SetWord(PowerControlOffset, 0, ConfigSpaceConstants.PowerStateMask);
        config.AddCapability(ModelDeviceConstants.PmCapability + (int)CapabilityRegister.ListNext, ModelDeviceConstants.ExpressCapability, CapabilityId.Exp);
        config.SetWord(ModelDeviceConstants.ExpressCapability + (int)ExpressRegister.Flags, ModelDeviceConstants.ExpressVersion);
        const ExpressDeviceCapabilities capabilities = ExpressDeviceCapabilities.Rber | ExpressDeviceCapabilities.Flr | ExpressDeviceCapabilities.Tee;
        config.SetDword(ModelDeviceConstants.ExpressCapability + (int)ExpressRegister.Devcap, (uint)capabilities);
        config.SetWord(DeviceControlOffset, 0, (ushort)ExpressDeviceControl.BcrFlr);
        config.AddCapability(ModelDeviceConstants.ExpressCapability + (int)CapabilityRegister.ListNext, ModelDeviceConstants.MsixCapability, CapabilityId.Msix);
        config.SetWord(MsixControlOffset, ModelDeviceConstants.MsixVectors - 1, (ushort)(Pci.Configuration.MsixControl.Enable | Pci.Configuration.MsixControl.Maskall));
        config.SetDword(ModelDeviceConstants.MsixCapability + (int)MsixRegister.Table, ModelDeviceConstants.MsixTablePage * PageSize);
        config.SetDword(ModelDeviceConstants.MsixCapability + (int)MsixRegister.Pba, ModelDeviceConstants.MsixPbaPage * PageSize);
        if (IsPhysical) AddExtendedCapabilities(config);
        return config;
    }

    private void AddExtendedCapabilities(ConfigurationSpace config)
    {
        config.SetDword(ModelDeviceConstants.SriovCapability, ExtendedHeader(ExtendedCapabilityId.Sriov, ModelDeviceConstants.DoeCapability));
        ushort count = (ushort)_device.VirtualFunctionCount;
        SriovControl control = count > 0 ? SriovControl.Vfe | SriovControl.Mse : SriovControl.None;
        config.SetWord(SriovControlOffset, (ushort)control, (ushort)(SriovControl.Vfe | SriovControl.Mse));
        config.SetWord(ModelDeviceConstants.SriovCapability + (int)SriovRegister.InitialVf, count);
        config.SetWord(ModelDeviceConstants.SriovCapability + (int)SriovRegister.TotalVf, count);
        config.SetWord(ModelDeviceConstants.SriovCapability + (int)SriovRegister.NumVf, count);
        config.SetWord(ModelDeviceConstants.SriovCapability + (int)SriovRegister.VfOffset, 1);
        config.SetWord(ModelDeviceConstants.SriovCapability + (int)SriovRegister.VfStride, 1);
        config.SetWord(ModelDeviceConstants.SriovCapability + (int)SriovRegister.VfDid, ModelDeviceConstants.VirtualDeviceId);
        config.SetDword(ModelDeviceConstants.DoeCapability, ExtendedHeader((ExtendedCapabilityId)DoeConstants.ExtendedCapabilityId, ModelDeviceConstants.IdeCapability));
        config.Set(ModelDeviceConstants.IdeCapability, _device.Port.Capability);
    }

    private static uint ExtendedHeader(ExtendedCapabilityId id, int next) =>
        (uint)id | (1u << ConfigSpaceConstants.ExtendedVersionShift) | ((uint)next << ConfigSpaceConstants.ExtendedNextShift);
}
