using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Kvm;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tdx.Vmm;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The VMM's decoder against guests that lie.</summary>
public class TdxGuestCallDecoderTests : IGuestSharedMemory, IVmmWorker, IVmmServices
{
    private const ulong Buffer = 0x3000;
    private readonly byte[] _memory = new byte[0x10000];
    private readonly Queue<Action> _work = [];
    private readonly List<byte> _statuses = [];
    private readonly TdxGuestCallDecoder _decoder;
    private readonly Vm _vm = new();
    private SysResult _answer = SysResult.Ok;
    private ulong? _hole;
    private Dictionary<EvidenceObject, byte[]>? _evidence;

    public TdxGuestCallDecoderTests() => _decoder = new TdxGuestCallDecoder(new VmmContext(CrossingHub.Silent, this, this));

    [Fact]
    public void A_command_waits_until_its_work_is_done_and_its_status_comes_last()
    {
        Ask(TdcmOperation.GetTdiReport);
        _answer = SysResult.Of(3);
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000));
        Assert.Equal(TdcmStatus.Wait, Header().Status);
        _statuses.Clear();
        _work.Dequeue()();
        Assert.Equal(TdcmStatus.Completed, Header().Status);
        Assert.Equal(3u, Header().DataLength);
        Assert.Equal([(byte)TdcmStatus.Wait, (byte)TdcmStatus.Completed], _statuses);
    }

    [Fact]
    public void A_second_command_for_the_same_device_has_to_retry()
    {
        Ask(TdcmOperation.Bind);
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000));
        Assert.Equal(TdvmcallStatus.Retry, Exit(Buffer, 0x1000));
        _work.Dequeue()();
        Ask(TdcmOperation.Unbind);
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000));
    }

    [Fact]
    public void What_the_guest_changes_after_the_call_does_not_count()
    {
        Ask(TdcmOperation.Unbind);
        Exit(Buffer, 0x1000);
        Ask(TdcmOperation.StartTdi);
        _work.Dequeue()();
        Assert.Equal(TdcmOperation.Unbind, Header().Operation);
    }

    [Theory]
    [InlineData(0x3001UL, 0x1000UL, TdvmcallStatus.AlignError)]
    [InlineData(0x3000UL, 0x1001UL, TdvmcallStatus.AlignError)]
    [InlineData(0x3000UL, 0UL, TdvmcallStatus.InvalidOperand)]
    [InlineData(0xFFFFFFFFFFFFF000UL, 0x1000UL, TdvmcallStatus.InvalidOperand)]
    [InlineData(0x20000UL, 0x1000UL, TdvmcallStatus.InvalidOperand)]
    [InlineData(0xF000UL, 0x2000UL, TdvmcallStatus.InvalidOperand)] // begins in memory and ends outside
    [InlineData(0x3000UL, 0x100_0000_0000UL, TdvmcallStatus.InvalidOperand)]
    [InlineData(0x3000UL, 0xFFFF_FFFF_FFFF_F000UL, TdvmcallStatus.InvalidOperand)]
    public void A_buffer_that_is_none_is_refused(ulong gpa, ulong size, TdvmcallStatus status)
    {
        Ask(TdcmOperation.Bind, gpa);
        Assert.Equal(status, Exit(gpa, size));
        Assert.Empty(_work);
    }

    [Theory]
    [InlineData(0, 0, 0u)]
    [InlineData(99, 0, 0u)]
    [InlineData(2, 1, 0u)]
    [InlineData(2, 0, 4u)]
    public void A_header_that_is_not_valid_is_refused(ushort operation, byte version, uint length)
    {
        new TdvmcallTdcm { Operation = (TdcmOperation)operation, Version = version, DataLength = length }.Write(_memory.AsSpan((int)Buffer));
        Assert.Equal(TdvmcallStatus.InvalidOperand, Exit(Buffer, 0x1000));
    }

    [Fact]
    public void A_buffer_with_a_hole_in_it_is_refused()
    {
        Ask(TdcmOperation.GetTdiReport);
        _hole = Buffer + 0x1000;
        Assert.Equal(TdvmcallStatus.InvalidOperand, Exit(Buffer, 0x3000));
        Assert.Empty(_work);
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000));
    }

    [Fact]
    public void A_buffer_that_is_taken_away_meanwhile_ends_its_command_and_no_other()
    {
        Ask(TdcmOperation.GetTdiReport);
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000));
        _hole = Buffer;
        _work.Dequeue()();
        _hole = null;
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000));
    }

    [Fact]
    public void Two_devices_in_one_buffer_each_end_and_hurt_nobody_else()
    {
        Ask(TdcmOperation.GetTdiReport);
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x2000));
        Assert.Equal(TdvmcallStatus.Success, Exit(Buffer, 0x1000, device: 16));
        _answer = SysResult.Of(3);
        while (_work.TryDequeue(out Action? work)) work();
        Assert.Equal((TdcmStatus.Completed, 3u), (Header().Status, Header().DataLength));
        Assert.All(_memory[(int)(Buffer + 0x2000)..], b => Assert.Equal(0, b));
        Assert.All(_memory[..(int)Buffer], b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(0x1_0008UL, 0UL)]
    [InlineData(ulong.MaxValue, 0UL)]
    [InlineData(8UL, 0x30UL)] // a vector that nobody would send
    public void A_device_or_a_vector_that_is_none_is_refused(ulong device, ulong vector)
    {
        Ask(TdcmOperation.Bind);
        Assert.Equal(TdvmcallStatus.InvalidOperand, Exit(Buffer, 0x1000, device, vector));
        Assert.Empty(_work);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(0x1_0000_0000)]
    [InlineData(0)]
    public void A_service_that_tells_a_length_of_no_sense_writes_no_more_than_the_buffer_holds(long length)
    {
        Ask(TdcmOperation.GetTdiReport);
        _answer = SysResult.Of(length);
        Exit(Buffer, 0x1000);
        _work.Dequeue()();
        Assert.InRange(Header().DataLength, 0u, 0x1000u - TdcmConstants.HeaderSize);
        Assert.All(_memory[(int)(Buffer + 0x1000)..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void Device_information_is_composed_of_certificates_and_measurements()
    {
        Ask(TdcmOperation.GetDevInfo);
        _evidence = new() { [EvidenceObject.Cert0] = [0xC1, 0xC2, 0xC3], [EvidenceObject.Measurements] = [0x11, 0x12] };
        Exit(Buffer, 0x1000);
        _work.Dequeue()();
        Assert.Equal((TdcmStatus.Completed, 13u), (Header().Status, Header().DataLength));
        Assert.Equal([3, 0, 0, 0, 2, 0, 0, 0, 0xC1, 0xC2, 0xC3, 0x11, 0x12], _memory.AsSpan((int)Buffer + TdcmConstants.HeaderSize, 13).ToArray());
    }

    [Theory]
    [InlineData(EvidenceObject.Cert0)]
    [InlineData(EvidenceObject.Measurements)]
    public void Device_information_of_which_a_part_is_missing_is_an_error(EvidenceObject missing)
    {
        Ask(TdcmOperation.GetDevInfo);
        _evidence = new() { [EvidenceObject.Cert0] = [1], [EvidenceObject.Measurements] = [2] };
        _evidence.Remove(missing);
        Exit(Buffer, 0x1000);
        _work.Dequeue()();
        Assert.Equal((TdcmStatus.Error, TdcmError.InvalidState, 0u), (Header().Status, Header().Error, Header().DataLength));
    }

    [Theory]
    [InlineData(TdcmOperation.Bind)]
    [InlineData(TdcmOperation.StartTdi)]
    [InlineData(TdcmOperation.GetTdiState)]
    [InlineData(TdcmOperation.GetDevInfo)]
    [InlineData(TdcmOperation.Unbind)]
    public void What_a_profile_lacks_is_the_devices_error(TdcmOperation operation)
    {
        _answer = Errno.EOPNOTSUPP;
        Ask(operation);
        Exit(Buffer, 0x1000);
        _work.Dequeue()();
        Assert.Equal((TdcmStatus.Error, TdcmError.TdxioDevice), (Header().Status, Header().Error));
    }

    [Fact]
    public void A_bind_of_a_bound_device_is_INVALID_STATE()
    {
        _answer = Errno.EBUSY;
        Ask(TdcmOperation.Bind);
        Exit(Buffer, 0x1000);
        _work.Dequeue()();
        Assert.Equal((TdcmStatus.Error, TdcmError.InvalidState), (Header().Status, Header().Error));
    }

    [Fact]
    public void Other_sub_functions_are_not_supported_and_other_exits_not_ours()
    {
        byte[] exit = new byte[KvmExitTdx.ByteSize];
        new KvmExitTdx { Nr = 0x10005 }.Write(exit);
        Assert.Equal(1, _decoder.HandleExit(_vm, KvmTdxConstants.KvmExitTdx, exit, this).Value);
        KvmExitTdx.TryRead(exit, out KvmExitTdx answered);
        Assert.Equal((ulong)TdvmcallStatus.SubfuncUnsupported, answered.Ret);
        Assert.Equal(0, _decoder.HandleExit(_vm, KvmTdxConstants.ExitMemoryFault, exit, this).Value);
    }

    public bool TryRead(ulong gpa, Span<byte> destination)
    {
        if (!IsMemory(gpa, destination.Length)) return false;
        _memory.AsSpan((int)gpa, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryWrite(ulong gpa, ReadOnlySpan<byte> source)
    {
        if (!IsMemory(gpa, source.Length)) return false;
        source.CopyTo(_memory.AsSpan((int)gpa));
        if (gpa == Buffer) _statuses.Add((byte)Header().Status);
        return true;
    }

    void IVmmWorker.Post(Action work) => _work.Enqueue(work);

    public SysResult SupportsTrustedIo(ConfidentialVm vm, uint guestRid) => _answer;

    public SysResult Bind(ConfidentialVm vm, uint guestRid) => _answer;

    public SysResult Unbind(ConfidentialVm vm, uint guestRid) => _answer;

    public SysResult Request(ConfidentialVm vm, uint guestRid, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response) => _answer;

    public SysResult Evidence(ConfidentialVm vm, uint guestRid, EvidenceObject @object, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response)
    {
        if (_evidence is null) return _answer;
        if (!_evidence.TryGetValue(@object, out byte[]? bytes)) return Errno.ENXIO;
        bytes.CopyTo(response);
        return SysResult.Of(bytes.Length);
    }

    private void Ask(TdcmOperation operation, ulong at = Buffer)
    {
        if (IsMemory(at, TdvmcallTdcm.ByteSize)) new TdvmcallTdcm { Operation = operation }.Write(_memory.AsSpan((int)at));
    }

    private TdvmcallTdcm Header()
    {
        TdvmcallTdcm.TryRead(_memory.AsSpan((int)Buffer), out TdvmcallTdcm header);
        return header;
    }

    private bool IsMemory(ulong gpa, int length) =>
        gpa <= (ulong)_memory.Length && (ulong)length <= (ulong)_memory.Length - gpa && (gpa & ~0xFFFUL) != _hole;

    private TdvmcallStatus Exit(ulong gpa, ulong size, ulong device = 8, ulong vector = 0)
    {
        byte[] exit = new byte[KvmExitTdx.ByteSize];
        new KvmExitTdxTdcm { Nr = (ulong)KvmTdxExit.Tdcm, DeviceId = device, Gpa = gpa, Size = size, Vector = vector }.Write(exit);
        Assert.Equal(1, _decoder.HandleExit(_vm, KvmTdxConstants.KvmExitTdx, exit, this).Value);
        KvmExitTdxTdcm.TryRead(exit, out KvmExitTdxTdcm answered);
        return (TdvmcallStatus)answered.Ret;
    }

    private sealed class Vm() : ConfidentialVm(1, "vm0");
}
