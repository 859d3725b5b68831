using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Guest.Attestation;
using TeeIo.Linux;
using TeeIo.Platform.Devices;
using TeeIo.Tsm;

namespace TeeIo.Platform.Tests.Attestation;

/// <summary>A guest's kernel between its TSM driver and its policy: what it accepts, and what it forgets.</summary>
public sealed class GuestAttestationTests
{
    private readonly ScriptedTsm _tsm = new();
    private readonly GuestDevice _device = new(0x18);
    private readonly GuestDeviceOps _ops;

    public GuestAttestationTests() => _ops = new GuestDeviceOps(new ClockOnly(), _tsm, ModelReference.Policy);

    [Fact]
    public void A_device_that_the_policy_trusts_is_accepted()
    {
        Assert.True(_ops.Attest(_device).IsOk);
        Assert.True(_ops.Accept(_device).IsOk);
        Assert.Equal((null, 1), (_ops.Refusal, _tsm.Accepted));
        Assert.Equal(ShownDevice.Evidence.InterfaceReport.ToArray(), _device.VerifiedReport.ToArray());
    }

    [Fact]
    public void A_device_that_the_policy_refuses_is_not_accepted()
    {
        _tsm.Info[^1] ^= 1;
        _tsm.Info[^20] ^= 1;
        Assert.Equal(Errno.EKEYREJECTED, _ops.Attest(_device).Errno);
        Assert.NotNull(_ops.Refusal);
        Assert.Equal(Errno.EPERM, _ops.Accept(_device).Errno);
        Assert.Equal((0, 0), (_tsm.Accepted, _device.VerifiedReport.Length));
    }

    [Fact]
    public void Evidence_of_an_old_bind_is_forgotten_with_it()
    {
        Assert.True(_ops.Attest(_device).IsOk);
        Assert.True(_ops.Connect(_device).IsOk);
        Assert.Equal(Errno.EPERM, _ops.Accept(_device).Errno);
        Assert.True(_ops.Attest(_device).IsOk);
        Assert.True(_ops.Disconnect(_device).IsOk);
        Assert.Equal(Errno.EPERM, _ops.Accept(_device).Errno);
    }

    [Fact]
    public void Evidence_that_is_refused_the_second_time_does_not_count_from_the_first()
    {
        Assert.True(_ops.Attest(_device).IsOk);
        _tsm.Report = [1, 2, 3];
        Assert.Equal(Errno.EKEYREJECTED, _ops.Attest(_device).Errno);
        Assert.Equal("report", _ops.Refusal?.Rule);
        Assert.Equal(Errno.EPERM, _ops.Accept(_device).Errno);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(100)]
    public void Evidence_that_ends_in_its_chain_is_refused(int length)
    {
        _tsm.Info = _tsm.Info[..length];
        Assert.Equal(Errno.EKEYREJECTED, _ops.Attest(_device).Errno);
        Assert.Equal("evidence", _ops.Refusal?.Rule);
    }

    [Fact]
    public void Evidence_that_the_driver_does_not_find_genuine_reaches_no_policy()
    {
        _tsm.Failure = Errno.EBADMSG;
        Assert.Equal(Errno.EBADMSG, _ops.Attest(_device).Errno);
        Assert.Null(_ops.Refusal);
        Assert.Equal(Errno.EPERM, _ops.Accept(_device).Errno);
    }

    private sealed class ScriptedTsm : IGuestTsm
    {
        public byte[] Info { get; set; } = [.. ShownDevice.Evidence.Certificates.Span, .. ShownDevice.Evidence.Measurements.Span];

        public byte[] Report { get; set; } = ShownDevice.Evidence.InterfaceReport.ToArray();

        public Errno Failure { get; set; }

        public int Accepted { get; private set; }

        public SysResult Lock(GuestDevice device) => SysResult.Ok;

        public SysResult Evidence(GuestDevice device, EvidenceKind kind, Span<byte> response)
        {
            if (Failure != Errno.Ok) return Failure;
            byte[] evidence = kind == EvidenceKind.DeviceInfo ? Info : Report;
            evidence.CopyTo(response);
            return SysResult.Of(evidence.Length);
        }

        public SysResult Accept(GuestDevice device)
        {
            Accepted++;
            return SysResult.Ok;
        }

        public SysResult Unlock(GuestDevice device) => SysResult.Ok;
    }

    /// <summary>Attestation needs nothing of a machine but its clock.</summary>
    private sealed class ClockOnly : GuestMachine
    {
        public override string Name => "vm0/vcpu0";

        public override int Index => 0;

        public override TimeProvider Time => TimeProvider.System;

        public override ModelRegisterTransport Instructions => throw new NotSupportedException();

        public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate) => false;

        public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate) => false;

        public override ulong AllocatePages(int count, bool isPrivate) => 0;

        public override void FreePages(ulong gpa, int count)
        {
        }

        public override uint ReadConfig(ushort requesterId, int offset, int size) => uint.MaxValue;

        public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
        {
        }

        public override void Sleep(TimeSpan duration)
        {
        }
    }
}
