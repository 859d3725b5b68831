using System.Text;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Scheduling;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Sdk.Tests.Tsm;

/// <summary>Evidence by netlink: what the TSM core answers itself, and what the driver does.</summary>
public sealed class EvidenceTests
{
    private readonly DeterministicScheduler _scheduler = new(1);
    private readonly TsmFunction _physical = new(PciAddress.Of(0, 1, 0, 0), null, null);
    private readonly Driver _driver = new();
    private readonly PciTsmCore _core;
    private readonly byte[] _response = new byte[8];

    public EvidenceTests() => _core = Core(_driver);

    [Fact]
    public void A_connected_functions_driver_answers_under_its_locks() => Run(() =>
    {
        Start(_core);
        Assert.Equal(3, Read("0000:01:00.0", EvidenceObject.Measurements).Value);
        Assert.Equal("0000:01:00.0 Measurements, nonce of 0", _driver.Asked);
        Assert.Equal([7, 8, 9, 0, 0, 0, 0, 0], _response);
    });

    [Fact]
    public void The_core_refuses_what_no_driver_should_see() => Run(() =>
    {
        Start(_core);
        Assert.Equal(Errno.EINVAL, Read("0000:01:00.0", (EvidenceObject)11).Errno);
        Assert.Equal(Errno.EINVAL, Read(string.Empty, EvidenceObject.Cert0).Errno);
        Assert.Equal(Errno.EINVAL, Read("0000:01:00.0", EvidenceObject.Cert0, nonce: 257).Errno);
        Assert.Equal(Errno.ENODEV, Read("0000:01:00.7", EvidenceObject.Cert0).Errno);
        Assert.Equal(Errno.ENODEV, Read("\uFFFF", EvidenceObject.Cert0).Errno);
        Assert.Null(_driver.Asked);
        Assert.True(Read("0000:01:00.0", EvidenceObject.Cert0, nonce: 256).IsOk);
    });

    [Fact]
    public void A_function_without_a_TSM_context_has_no_evidence() => Run(() =>
    {
        _core.Add(_physical);
        Assert.Equal(Errno.ENXIO, Read("0000:01:00.0", EvidenceObject.Cert0).Errno);
        _core.Connect(_physical);
        Assert.True(Read("0000:01:00.0", EvidenceObject.Cert0).IsOk);
        _core.Disconnect(_physical);
        Assert.Equal(Errno.ENXIO, Read("0000:01:00.0", EvidenceObject.Cert0).Errno);
    });

    [Fact]
    public void A_driver_that_keeps_no_evidence_is_ENXIO() => Run(() =>
    {
        PciTsmCore core = Core(null);
        Start(core);
        Assert.Equal(Errno.ENXIO, core.Read("0000:01:00.0"u8, EvidenceObject.Cert0, [], _response).Errno);
    });

    private PciTsmCore Core(IHostEvidence? evidence) => new(new RecordingHostTsm([]), new NoTdiServices(), new LockOrder(_scheduler), CrossingHub.Silent, evidence);

    private void Run(Action body)
    {
        _scheduler.Start("test", body);
        _scheduler.Run();
    }

    private void Start(PciTsmCore core)
    {
        core.Add(_physical);
        Assert.True(core.Connect(_physical).IsOk);
    }

    private SysResult Read(string name, EvidenceObject type, int nonce = 0) => _core.Read(Encoding.UTF8.GetBytes(name), type, new byte[nonce], _response);

    private sealed class Driver : IHostEvidence
    {
        public string? Asked { get; private set; }

        public SysResult RefreshEvidence(TsmFunction function, EvidenceObject type, ReadOnlySpan<byte> nonce, Span<byte> response)
        {
            Asked = $"{function} {type}, nonce of {nonce.Length}";
            new byte[] { 7, 8, 9 }.CopyTo(response);
            return SysResult.Of(3);
        }
    }
}
