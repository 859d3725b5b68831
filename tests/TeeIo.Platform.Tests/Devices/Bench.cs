using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Platform.Tests.Devices;

/// <summary>A device below a root port, and the trusted side of a host that speaks to it: no kernel, no firmware.</summary>
internal sealed class Bench : IConfidentialCpu, IDmaDomain, IDisposable
{
    public const byte Stream = 3;
    private const ulong MmioBase = 0x10_0000_0000;
    private static readonly PciAddress _address = PciAddress.Of(0, 1, 0, 0);
    private readonly Random _random = new(7);

    public Bench(int virtualFunctions = 2)
    {
        Memory = new PhysicalMemory(8, seed: 1);
        Iommu = new Iommu(Memory);
        Iommu.Trust(this);
        Port = new RootPort(1);
        Device = new TeeDevice(new TeeDeviceOptions(_address, virtualFunctions, MmioBase), Memory, Iommu, Port, CrossingHub.Silent, seed: 5);
        Requester = new SpdmRequester(ModelAuthority.CreateVerifier(TimeProvider.System), _random);
        Page = Memory.AllocatePage();
        foreach (PciFunctionModel function in Device.Functions) Iommu.Attach(function.Address.RequesterId, this);
    }

    public PhysicalMemory Memory { get; }

    public Iommu Iommu { get; }

    public RootPort Port { get; }

    public TeeDevice Device { get; }

    public SpdmRequester Requester { get; }

    /// <summary>The page that DMA reaches.</summary>
    public ulong Page { get; }

    /// <summary>Whether the trusted tables have the page.</summary>
    public bool IsPageAccepted { get; set; }

    public PciFunctionModel Tdi => Device.Functions[1];

    public Bench Connected()
    {
        Run(Requester.Connect);
        return this;
    }

    public Bench WithStream()
    {
        Assert.True(Port.TryOpen(Stream, _address.RequesterId, (ushort)(_address.RequesterId + 7), out _));
        byte[] query = new byte[IdeKmQuery.ByteSize];
        IdeKmMessages.WriteQuery(query, 0);
        Assert.True(IdeKmMessages.ReadQueryResponse(Say(PciProtocol.IdeKm, query), out _, out ReadOnlySpan<byte> capability).IsOk);
        Assert.Equal((uint)ExtendedCapabilityId.Ide, BinaryPrimitives.ReadUInt16LittleEndian(capability));
        UseKeySet(0);
        return this;
    }

    public Bench Locked(LockFlags flags = LockFlags.NoFwUpdate)
    {
        Assert.Equal(0u, Lock(flags).ErrorCode);
        return this;
    }

    public Bench Running()
    {
        byte[] start = new byte[TdispStartInterfaceRequest.ByteSize];
        TdispMessages.WriteStartInterface(start, TdispConstants.TdispVersion10, Id(), Nonce);
        Assert.True(TdispMessages.ReadStartInterfaceResponse(Say(PciProtocol.Tdisp, start), out _).IsOk);
        return this;
    }

    public byte[] Nonce { get; private set; } = [];

    public MessageResult Lock(LockFlags flags)
    {
        byte[] request = new byte[TdispLockInterfaceRequest.ByteSize];
        TdispMessages.WriteLockInterface(request, TdispConstants.TdispVersion10, Id(), flags, Stream, 0x1_0000, 0);
        MessageResult result = TdispMessages.ReadLockInterfaceResponse(Say(PciProtocol.Tdisp, request), out TdispLockInterfaceResponse response);
        Nonce = ((ReadOnlySpan<byte>)response.StartInterfaceNonce).ToArray();
        return result;
    }

    public void Stop()
    {
        byte[] stop = new byte[TdispRequest.ByteSize];
        TdispMessages.WriteStopInterface(stop, TdispConstants.TdispVersion10, Id());
        Assert.True(TdispMessages.ReadStopInterfaceResponse(Say(PciProtocol.Tdisp, stop), out _).IsOk);
    }

    public void ProgramKeySet(byte keySet)
    {
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet(keySet))
        {
            byte[] key = new byte[IdeKmConstants.KeySize];
            _random.NextBytes(key);
            Port.Program(Stream, keySet, slot.Opposite.Direction, slot.SubStream, key);
            Assert.Equal(KpAckStatus.Success, ProgramKey(Stream, slot, key));
        }
    }

    public KpAckStatus ProgramKey(byte stream, IdeKeySlot slot, byte[] key, byte port = 0, uint ifv = IdeKmConstants.InitialIfv)
    {
        byte[] program = new byte[IdeKmKeyProg.ByteSize];
        IdeKmMessages.WriteProgramKey(program, stream, slot.KeySet, slot.Direction, slot.SubStream, port, IdeKmMessages.SwapKey(key), 0, ifv);
        Assert.True(IdeKmMessages.ReadProgramKeyResponse(Say(PciProtocol.IdeKm, program), out IdeKmKpAck ack).IsOk);
        return ack.Status;
    }

    public void UseKeySet(byte keySet)
    {
        ProgramKeySet(keySet);
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet(keySet)) Switch(slot, isStart: true);
        Port.Enable(Stream, keySet);
    }

    public void Switch(IdeKeySlot slot, bool isStart)
    {
        byte[] message = new byte[IdeKmKey.ByteSize];
        if (isStart) IdeKmMessages.WriteStartKeySet(message, Stream, slot.KeySet, slot.Direction, slot.SubStream, 0);
        else IdeKmMessages.WriteStopKeySet(message, Stream, slot.KeySet, slot.Direction, slot.SubStream, 0);
        Assert.True(IdeKmMessages.ReadStopKeySetResponse(Say(PciProtocol.IdeKm, message), out _).IsOk);
    }

    public byte[] Say(PciProtocol protocol, byte[] message)
    {
        byte[] response = new byte[4096];
        SysResult result = Device.Mailbox.Exchange(Requester.Seal(protocol, message), response);
        Assert.True(result.IsOk, result.ToString());
        Assert.True(Requester.TryOpen(protocol, response.AsSpan(0, (int)result.Value), out byte[] answer));
        return answer;
    }

    public uint Read(ModelRegister register, bool tee)
    {
        byte[] value = new byte[sizeof(uint)];
        Memory.ReadMmio(Tdi.BarAddress(0) + (ulong)register, value, tee);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    public void Write(ModelRegister register, uint value, bool tee) => WriteBar((ulong)register, BitConverter.GetBytes(value), tee);

    public void WriteBar(ulong offset, byte[] bytes, bool tee) => Memory.WriteMmio(Tdi.BarAddress(0) + offset, bytes, tee);

    public byte ReadBar(ulong offset, bool tee)
    {
        byte[] value = [0];
        Memory.ReadMmio(Tdi.BarAddress(0) + offset, value, tee);
        return value[0];
    }

    /// <summary>Makes the device fill 16 bytes of the page with 1, 2, 3 …</summary>
    /// <returns>The status.</returns>
    public ModelStatus Fill(bool tee)
    {
        WriteBar((ulong)ModelRegister.DmaAddress, BitConverter.GetBytes(Page), tee);
        Write(ModelRegister.DmaLength, 16, tee);
        Write(ModelRegister.Pattern, 1, tee);
        Write(ModelRegister.Doorbell, (uint)ModelCommand.FillMemory, tee);
        return (ModelStatus)Read(ModelRegister.Status, tee);
    }

    public void Enable(ConfigCommand command) => Tdi.WriteConfig((int)ConfigRegister.Command, sizeof(ushort), (uint)command);

    public void Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation)
    {
        var exchange = new DeviceExchange();
        byte[] response = new byte[4096];
        foreach (byte[] request in conversation(exchange))
        {
            SysResult result = Device.Mailbox.Exchange(request, response);
            Assert.True(result.IsOk, result.ToString());
            exchange.Response = response.AsMemory(0, (int)result.Value);
        }

        Assert.False(exchange.HasFailed, $"{exchange.Failure}: {exchange.Detail}");
    }

    public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite) => PageWalk.Without(PageWalkResult.NotMapped);

    public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite) =>
        IsPageAccepted && TryTranslate(address, isWrite, out ulong hpa) ? new PageWalk(PageWalkResult.Mapped, hpa, new KeyId(1)) : PageWalk.Without(PageWalkResult.Pending);

    public ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu) => throw new NotSupportedException("The bench has no CPUs.");

    public bool TryTranslate(ulong iova, bool isWrite, out ulong hpa)
    {
        hpa = iova;
        return iova - Page < PhysicalMemory.PageSize;
    }

    public void Dispose()
    {
        Requester.Dispose();
        Device.Dispose();
        Memory.Dispose();
    }

    private TdispInterfaceId Id() => new() { FunctionId = new TdispFunctionId { RequesterId = Tdi.Address.RequesterId } };
}
