using TeeIo.Tdx.Ghci;

namespace TeeIo.Tdx.Tests;

public sealed class GhciVectorTests
{
    [Fact]
    public void Cpuid() => Check("r11=a r12=1 r13=2", c => c.TryCpuid(1, 2, out _, out _, out _, out _));

    [Fact]
    public void Halt() => Check("r11=c r12=1", c => c.TryHalt(true));

    [Fact]
    public void Port_write() => Check("r11=1e r12=1 r13=1 r14=3f8 r15=41", c => c.TryPortIo(1, IoDirection.Write, 0x3F8, 0x41, out _));

    [Fact]
    public void Read_msr() => Check("r11=1f r12=10", c => c.TryReadMsr(0x10, out _));

    [Fact]
    public void Write_msr() => Check("r11=20 r12=10 r13=5", c => c.TryWriteMsr(0x10, 5));

    [Fact]
    public void Mmio_read() => Check("r11=30 r12=4 r14=fee00000", c => c.TryRequestMmio(4, IoDirection.Read, 0xFEE00000, 0, out _));

    [Fact]
    public void Write_back() => Check("r11=36", c => c.TryWriteBackInvalidate());

    [Fact]
    public void Pconfig() => Check("r11=41", c => c.TryPconfig());

    [Fact]
    public void Vmcall_info() => Check("r11=10000 r12=1", c => c.TryGetTdVmCallInfo(1, out _, out _, out _, out _));

    [Fact]
    public void Map_gpa() => Check("r11=10001 r12=1000 r13=2000", c => c.TryMapGpa(0x1000, 0x2000, out _));

    [Fact]
    public void Quote() => Check("r11=10002 r12=1000 r13=2000", c => c.TryGetQuote(0x1000, 0x2000));

    [Fact]
    public void Fatal_error() => Check("r11=10003 r12=8000000000000007 r13=1000", c => c.TryReportFatalError(7, true, 0x1000));

    [Fact]
    public void Notify_interrupt() => Check("r11=10004 r12=20", c => c.TrySetupEventNotifyInterrupt(0x20));

    [Fact]
    public void Service() => Check("r11=10005 r12=1000 r13=2000 r14=30 r15=4", c => c.TryService(0x1000, 0x2000, 0x30, 4));

    [Fact]
    public void Migration() => Check("rbx=5 rdi=6 r11=10006 r12=10002 r13=2 r14=3 r15=4", c => c.TryMigTd(MigtdFunction.ReportStatus, 1, 2, 3, 4, 5, 6));

    [Fact]
    public void Tdcm() => Check("r11=10007 r12=108 r13=1000 r14=2000 r15=31", c => c.TryTdcm(0x0108, 0x1000, 0x2000, 0x31));

    private static void Check(string expected, Func<GhciClient, ulong> call)
    {
        RecordingCpu cpu = new();
        call(new GhciClient(cpu));
        Assert.Equal(expected, cpu.Seen);
    }
}
