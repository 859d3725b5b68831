using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>Firmware that does what the happy path needs, notes each command with its buffer, and fails where a test says so.</summary>
internal sealed class ScriptedFirmware(HostMemory memory) : CommandTransport
{
    public const uint RequestSize = 0x1000;
    public const uint OutputSize = 0x2000;
    private readonly Dictionary<string, Func<SevRet>> _statuses = [];
    private bool _isTioOn;

    /// <summary>Commands in their order; those that describe the platform are left out.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Each command's buffer.</summary>
    public List<(string Name, byte[] Buffer)> Buffers { get; } = [];

    /// <summary>What the firmware says to the device; changed by tests that lie.</summary>
    public Func<byte[]> Request { get; set; } = static () => Message(DobjId.Req, DobjDataType.Spdm, 40);

    /// <summary>The payload size that goes with it; null for its own.</summary>
    public uint? RequestPayload { get; set; }

    /// <summary>What the device's answers were.</summary>
    public List<byte[]> Responses { get; } = [];

    public uint WantedCapacity { get; set; } = 0x5000;

    public Func<byte[], byte[]> Output { get; set; } = static output => output;

    public TdiState State { get; set; } = TdiState.ConfigUnlocked;

    /// <summary>Whether the device goes on as it is when its TDI is unbound.</summary>
    public bool IsStubborn { get; set; }

    /// <summary>Whether TIO_DEV_STATUS shows a command that waits.</summary>
    public bool IsWaiting { get; set; }

    public (AsidFenceDma Dma, AsidFenceMmio Mmio) Fence { get; set; }

    public TioStatus Status { get; set; } = new()
    {
        Flags = TioStatusFlags.TioEn,
        SpdmReqSizeMax = RequestSize,
        SpdmRspSizeMax = RequestSize,
        SpdmScratchSizeMax = RequestSize,
        SpdmOutSizeMax = OutputSize,
        DevctxSize = 0x1800,
        TdictxSize = 0x1000,
        Length = TioStatus.ByteSize,
    };

    public byte ApiMinor { get; set; } = 55;

    /// <summary>Makes all commands of a name end with <paramref name="status"/>.</summary>
    public void Fail(string name, SevRet status = SevRet.InvalidParam) => _statuses[name] = () => status;

    /// <summary>Makes commands of a name end with these, one after the other, and then succeed.</summary>
    public void Script(string name, params SevRet[] statuses)
    {
        var queue = new Queue<SevRet>(statuses);
        _statuses[name] = () => queue.TryDequeue(out SevRet status) ? status : SevRet.Success;
    }

    public static byte[] Message(DobjId id, DobjDataType type, int length)
    {
        byte[] message = new byte[length];
        new SpdmDobjHdrMsg { Hdr = Header(id, length), DataType = type }.Write(message);
        for (int i = SpdmDobjHdrMsg.ByteSize; i < length; i++) message[i] = (byte)i;
        return message;
    }

    public override uint Execute(CallInfo call, uint command, Span<byte> buffer)
    {
        string name = call.Name.Replace("SNP_", string.Empty, StringComparison.Ordinal).Replace("TIO_", string.Empty, StringComparison.Ordinal);
        if (name is not ("PLATFORM_STATUS" or "FEATURE_INFO" or "PAGE_RECLAIM")) Calls.Add(name);
        Buffers.Add((name, buffer.ToArray()));
        SevRet status = _statuses.TryGetValue(name, out Func<SevRet>? next) ? next() : SevRet.Success;
        SpdmCtrl control = ControlOf(name, buffer);
        if (control.Resp.Value != 0) NoteResponse(control);
        if (status == SevRet.SpdmRequest) PutRequest(control);
        if (status == SevRet.ExpandBufferLengthRequest) Put(control.Output, 0, BitConverter.GetBytes(WantedCapacity));
        return (uint)(status == SevRet.Success ? Do(name, buffer, control) : status);
    }

    private SevRet Do(string name, ReadOnlySpan<byte> buffer, SpdmCtrl control)
    {
        switch (name)
        {
            case "PLATFORM_STATUS": memory.WriteEarly(Word(buffer, 0), Bytes(new SnpPlatformStatus { ApiMajor = 1, ApiMinor = ApiMinor, Flags = SnpStatusFlags.FeatureInfo })); break;
            case "FEATURE_INFO": memory.WriteEarly(Word(buffer, 8), Bytes(new SnpFeatureInfo { Ebx = SnpFeatureEbx.SevTio })); break;
            case "PAGE_RECLAIM": return memory.TryReclaim(Word(buffer, 0)) ? SevRet.Success : SevRet.InvalidPageState;
            case "LAUNCH_UPDATE": return memory.TryReclaim(Word(buffer, 16)) ? SevRet.Success : SevRet.InvalidPageState;
            case "STATUS": memory.WriteAsFirmware(Word(buffer, 8), Bytes(Status with { Flags = Status.Flags | (_isTioOn ? TioStatusFlags.TioInitDone : 0) })); break;
            case "INIT": _isTioOn = true; break;
            case "DEV_CONNECT": PutOutput(control, DobjId.Certificate, "certificates"u8); break;
            case "DEV_MEASUREMENTS": PutOutput(control, DobjId.Measurement, buffer[48] != 0 ? "fresh"u8 : "stale"u8); break;
            case "TDI_BIND":
                State = (buffer[68] & (byte)TdiRunFlags.Run) != 0 ? TdiState.Run : TdiState.ConfigLocked;
                PutOutput(control, DobjId.Report, "report"u8);
                break;
            case "DEV_STATUS":
                memory.WriteAsFirmware(Word(buffer, 16), Bytes(new TioDevStatus { Length = TioDevStatus.ByteSize, P1Flags = IsWaiting ? DevPendingFlags.RequestPending : DevPendingFlags.None }));
                break;
            case "TDI_UNBIND": State = IsStubborn ? State : TdiState.ConfigUnlocked; break;
            case "TDI_STATUS": memory.WriteAsFirmware(Word(buffer, 56), Bytes(new TioTdiStatus { Length = TioTdiStatus.ByteSize, TdispState = State })); break;
            case "GUEST_REQUEST":
                byte[] page = new byte[RmpConstants.PageSize];
                memory.Read(Word(buffer, 64), page);
                Array.Reverse(page);
                memory.WriteAsFirmware(Word(buffer, 72), page);
                break;
            case "ASID_FENCE_STATUS": memory.WriteAsFirmware(Word(buffer, 20), Bytes(new AsidFenceStatus { Dma = Fence.Dma, Mmio = Fence.Mmio })); break;
            case "ASID_FENCE_CLEAR": Fence = default; break;
            default: break;
        }

        return SevRet.Success;
    }

    private static SpdmCtrl ControlOf(string name, ReadOnlySpan<byte> buffer) =>
        name is "DEV_CONNECT" or "DEV_DISCONNECT" or "DEV_MEASUREMENTS" or "TDI_BIND" or "TDI_UNBIND" or "TDI_STATUS" or "GUEST_REQUEST"
            && SpdmCtrl.TryRead(buffer[8..], out SpdmCtrl control) ? control : default;

    private static SpdmDobjHdr Header(DobjId id, int length) => new() { Id = id, Length = (uint)length, VersionMajor = TioFirmwareConstants.DobjVersionMajor };

    private static ulong Word(ReadOnlySpan<byte> buffer, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(buffer[offset..]);

    private static byte[] Bytes<T>(T record)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in record)).ToArray();

    private void PutRequest(SpdmCtrl control)
    {
        byte[] request = Request();
        uint payload = RequestPayload ?? (uint)((request.Length + 31) / 32 * 32);
        Put(control.Req, 4, BitConverter.GetBytes(payload));
        Put(control.Req, SlaBufferHdr.ByteSize, request);
    }

    private void PutOutput(SpdmCtrl control, DobjId id, ReadOnlySpan<byte> data)
    {
        byte[] output = new byte[(SpdmDobjHdrOutput.ByteSize + data.Length + 31) / 32 * 32];
        new SpdmDobjHdrOutput { Hdr = Header(id, SpdmDobjHdrOutput.ByteSize + data.Length), DeviceId = 0x100 }.Write(output);
        data.CopyTo(output.AsSpan(SpdmDobjHdrOutput.ByteSize));
        output = Output(output);
        Put(control.Output, 4, BitConverter.GetBytes((uint)output.Length));
        Put(control.Output, SlaBufferHdr.ByteSize, output);
    }

    /// <summary>Notes what is in the response buffer when a command is issued.</summary>
    private void NoteResponse(SpdmCtrl control)
    {
        byte[] page = new byte[RmpConstants.PageSize];
        memory.Read(PagesOf(control.Resp)[0], page);
        int payload = BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(4));
        Responses.Add(page[SlaBufferHdr.ByteSize..(SlaBufferHdr.ByteSize + payload)]);
    }

    private void Put(SlaId address, int offset, ReadOnlySpan<byte> bytes)
    {
        ulong page = PagesOf(address)[0];
        byte[] content = new byte[RmpConstants.PageSize];
        memory.Read(page, content);
        bytes.CopyTo(content.AsSpan(offset));
        memory.WriteAsFirmware(page, content);
    }

    /// <summary>The pages that an address stands for.</summary>
    public ulong[] PagesOf(SlaId address)
    {
        ulong page = address.Value & ~0xFFFUL;
        if ((address.Value & 1) == 0) return [page];
        Assert.False(memory[page].Assigned);
        byte[] list = new byte[RmpConstants.PageSize];
        memory.Read(page, list);
        return [.. Enumerable.Range(0, 512).Select(i => Word(list, i * 8)).TakeWhile(entry => entry != 0x000F_FFFF_FFFF_F000)];
    }
}
