using System.Buffers.Binary;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>The secure processor's model with the platform's memory, root port and device, and the host's commands in their right order. A test goes to a stage and does something
/// wrong there.</summary>
internal sealed partial class SpBench : IDisposable
{
    public const ulong PageSize = PhysicalMemory.PageSize;
    public const ulong RamGpa = 0x10_0000;
    public const ulong SecretsGpa = 0x20_0000;
    public const ulong MmioGpa = 0x80_0000;
    public const ushort GuestRid = 0x0008;
    public const uint Asid = 1;
    private const ulong MmioBase = 0x8000_0000;

    public SpBench(AmdSpOptions? options = null, CrossingHub? device = null, SpdmRequesterOptions? session = null)
    {
        Memory = new PhysicalMemory(512, seed: 1);
        Iommu = new TeeIo.Platform.Hardware.Iommu(Memory);
        Port = new RootPort(2);
        Device = new TeeDevice(new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 2, MmioBase), Memory, Iommu, Port, device ?? CrossingHub.Silent, seed: 1);
        foreach (PciFunctionModel function in Device.Functions) function.WriteConfig(4, 2, 6);
        var random = new Random(1);
        Sp = new AmdSp(
            Memory, Port, _ => new SpdmRequester(ModelAuthority.CreateVerifier(TimeProvider.System), random, session), Tables, vm => vm == Cpu.Vm ? Context : vm == OtherCpu.Vm ? OtherContext : null, seed: 1, hub: null, options);
        Iommu.Trust(Sp);
        Snp = new SnpFirmwareClient(Sp.Commands);
        Tio = new TioFirmwareClient(Sp.Commands);
        Host = new RmpClient(Sp.HostInstructions);
        Guest = (SevInstructions)Sp.CreateInstructions(Cpu);
    }

    public PhysicalMemory Memory { get; }

    public TeeIo.Platform.Hardware.Iommu Iommu { get; }

    public RootPort Port { get; }

    public TeeDevice Device { get; }

    public AmdSp Sp { get; }

    public SnpFirmwareClient Snp { get; }

    public TioFirmwareClient Tio { get; }

    public RmpClient Host { get; }

    public TestTables Tables { get; } = new();

    public TestVcpu Cpu { get; } = new();

    public TestVcpu OtherCpu { get; } = new(2);

    public SevInstructions Guest { get; }

    public GuestPort? Messages { get; set; }

    public ulong? Context { get; private set; }

    public ulong? OtherContext { get; set; }

    /// <summary>The guest's page of memory.</summary>
    public ulong Ram { get; private set; }

    public DevCtxId Dev { get; private set; }

    public TdiCtxId Tdi { get; private set; }

    /// <summary>Buffers of commands that talk to the device.</summary>
    public SpdmCtrl Buffers { get; set; }

    public ulong Response { get; private set; }

    /// <summary>A firmware page for what commands write.</summary>
    public ulong Output { get; private set; }

    /// <summary>Statuses that asked for another try.</summary>
    public List<SevRet> Turns { get; } = [];

    public ushort Pf => Device.Functions[0].Address.RequesterId;

    public ushort Vf => Device.Functions[1].Address.RequesterId;

    public ushort OtherVf => Device.Functions[2].Address.RequesterId;

    public ulong Bar => Device.Functions[1].BarAddress(0);

    public GctxPaddrId Gctx => new(Context ?? 0);

    public static SpBench At(SpStage stage, AmdSpOptions? options = null, SpdmRequesterOptions? session = null)
    {
        var bench = new SpBench(options, session: session);
        bench.GoTo(stage);
        return bench;
    }

    public ulong Page() => Memory.AllocatePage();

    /// <summary>A page that is the firmware's.</summary>
    public ulong FirmwarePage()
    {
        ulong page = Page();
        Must(Rmp(page, 0, isImmutable: true));
        return page;
    }

    public RmpResult Rmp(ulong hpa, uint asid, ulong gpa = 0, bool isImmutable = false, bool isAssigned = true) =>
        Host.TryRmpupdate(hpa, gpa, new RmpAttributes { Assigned = isAssigned, Asid = asid, Immutable = isImmutable });

    /// <summary>Gives a firmware page back.</summary>
    public void Return(ulong page)
    {
        Must(Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(page) }));
        Must(Rmp(page, 0, isAssigned: false));
        Memory.FreePage(page);
    }

    public static void Must(SevRet status) => Assert.Equal(SevRet.Success, status);

    public static void Must(RmpResult status) => Assert.Equal(RmpResult.Success, status);

    /// <summary>Lists pages; one page is its own list.</summary>
    public SlaId Several(params ulong[] pages)
    {
        if (pages.Length == 1) return new SlaId(pages[0]);
        ulong root = Page();
        for (int i = 0; i < pages.Length; i++) WriteWord(root + ((ulong)i * 8), pages[i]);
        WriteWord(root + ((ulong)pages.Length * 8), 0x000F_FFFF_FFFF_F000);
        return new SlaId(root | 1);
    }

    public void WriteWord(ulong at, ulong word)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, word);
        Memory.Write(at, bytes, KeyId.Shared);
    }

    public byte[] Read(ulong at, int count)
    {
        byte[] bytes = new byte[count];
        Memory.Read(at, bytes, KeyId.Shared);
        return bytes;
    }

    /// <summary>A buffer of firmware or host pages with its header.</summary>
    public SlaId Buffer(int pages, bool isFirmware, out ulong first)
    {
        ulong[] all = [.. Enumerable.Range(0, pages).Select(_ => isFirmware ? FirmwarePage() : Page())];
        first = all[0];
        SetCapacity(first, pages * (int)PageSize);
        return Several(all);
    }

    public void SetCapacity(ulong first, int capacity)
    {
        byte[] word = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(word, capacity);
        Memory.Write(first, word, KeyId.Shared);
    }

    public int Capacity(ulong first) => BinaryPrimitives.ReadInt32LittleEndian(Read(first, 4));

    /// <summary>Runs the ping-pong of a command: carries messages to the device and back, and gives more memory when asked.</summary>
    public SevRet Converse(Func<SevRet> command)
    {
        for (int i = 0; i < 300; i++)
        {
            SevRet status = command();
            if (status is not (SevRet.SpdmRequest or SevRet.ExpandBufferLengthRequest)) return status;
            Turns.Add(status);
            if (status == SevRet.SpdmRequest) Carry();
            else Grow();
        }

        throw new InvalidOperationException("The conversation never ends.");
    }

    public void MustConverse(Func<SevRet> command) => Must(Converse(command));

    /// <summary>Carries one message to the device and its answer back.</summary>
    public void Carry()
    {
        byte[] request = Read(_request, (int)PageSize);
        int length = BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(0x44)) - 16;
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(0x40)));
        byte type = request[0x4A];
        byte[] answer = new byte[2 * PageSize];
        byte[] sent = Pci.Doe.DoeObject.Create(type == 2 ? Pci.Doe.DoeObjectType.SecuredSpdm : Pci.Doe.DoeObjectType.Spdm, request.AsSpan(0x50, length));
        Boundaries.SysResult received = Device.Mailbox.Exchange(sent, answer);
        Assert.True(received.IsOk, "the device refused an object");
        Respond(answer.AsSpan(8, (int)received.Value - 8), type);
    }

    /// <summary>Puts an answer into the response buffer, as Linux does.</summary>
    public void Respond(ReadOnlySpan<byte> content, byte type, int id = 2, int? length = null, int? payload = null)
    {
        int size = (16 + content.Length + 31) & ~31;
        byte[] buffer = new byte[0x40 + size];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, 2 * (int)PageSize);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(4), payload ?? size);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(0x40), id);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(0x44), length ?? size);
        (buffer[0x48], buffer[0x49], buffer[0x4A]) = (0, 1, type);
        content.CopyTo(buffer.AsSpan(0x50));
        Memory.Write(_responsePages[0], buffer.AsSpan(0, Math.Min(buffer.Length, (int)PageSize)), KeyId.Shared);
        if (buffer.Length > (int)PageSize) Memory.Write(_responsePages[1], buffer.AsSpan((int)PageSize), KeyId.Shared);
    }

    public void Dispose()
    {
        Device.Dispose();
        Memory.Dispose();
    }

    /// <summary>Makes each buffer larger whose header asks for it, with a new list.</summary>
    private void Grow()
    {
        SpdmCtrl buffers = Buffers;
        int scratch = Capacity(_scratch[0]);
        int output = Capacity(_output[0]);
        if (scratch > _scratch.Length * (int)PageSize) buffers.Scratch = Enlarge(ref _scratch, scratch);
        if (output > _output.Length * (int)PageSize) buffers.Output = Enlarge(ref _output, output);
        Buffers = buffers;
    }

    private SlaId Enlarge(ref ulong[] pages, int size)
    {
        while (pages.Length * (int)PageSize < size) pages = [.. pages, FirmwarePage()];
        SetCapacity(pages[0], pages.Length * (int)PageSize);
        return Several(pages);
    }
}
