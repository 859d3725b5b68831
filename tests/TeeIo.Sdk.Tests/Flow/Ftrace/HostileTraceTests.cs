using CsCheck;
using TeeIo.Flow.Ftrace;

namespace TeeIo.Sdk.Tests.Flow.Ftrace;

/// <summary>Whatever a file holds: it is read, or refused by the number of a line that it has.</summary>
public sealed class HostileTraceTests
{
    private const int Runs = 2000;

    private static readonly string[] s_pieces =
    [
        "             vmm-71      [000] .....    12.345678: ", "teeio_vfio: ", "teeio_vfio_ret: ", "teeio_iommufd: ", "teeio_kvm: ", "teeio_tsm_bind: ", "teeio_device_bind: ", "teeio_firmware: ", "teeio_vfio_close: ",
        "(a+0x0/0x1)", "(b+0x0/0x1 <- a)", " cmd=0x3b76", " cmd=0x3b81", " cmd=0xae01", " cmd=-1", " arg=0x0", " file=0xffff888003a42000", " w0=0x2000000010", " w1=0x5", " w2=(fault)", " ret=0", " ret=-22", " ret=0x8000000000000000",
        " device=\"0000:01:00.1\"", " device=\"zzzz:zz:zz.z\"", " device=\"0000:01:ff.9\"", " dev=0xffff", " leaf=0x7", " rax=0x1", " rcx=(fault)", " vm=0x1", " tdi_id=0x18", "\n", "\n", "\n", "\"", "(", ")", "=", " ", "# teeio: probed teeio_vfio (x)", "CPU:0 [LOST 1 EVENTS]", "\t", "\u2028", "\0",
        "# entries-in-buffer/entries-written: 1/0",
    ];

    private static readonly Gen<string> s_anything = Gen.String[0, 400];
    private static readonly Gen<string> s_pieced = Gen.Int[0, s_pieces.Length - 1].Array[0, 60].Select(ps => string.Concat(ps.Select(p => s_pieces[p])));

    private static readonly Gen<string> s_spoilt = Gen.Select(Gen.Int[0, KernelTraceTests.Bind.Length - 1], Gen.Int[0, 40], Gen.Char).Select(
        (at, length, c) => KernelTraceTests.Bind[..at] + c + KernelTraceTests.Bind[Math.Min(at + length, KernelTraceTests.Bind.Length)..]);

    [Fact]
    public void Any_text_is_read_or_refused_by_its_line() => s_anything.Sample(IsReadOrRefused, iter: Runs);

    [Fact]
    public void Any_order_of_pieces_of_a_trace_is_read_or_refused_by_its_line() => s_pieced.Sample(IsReadOrRefused, iter: Runs);

    [Fact]
    public void A_trace_that_somebody_spoilt_is_read_or_refused_by_its_line() => s_spoilt.Sample(IsReadOrRefused, iter: Runs);

    private static bool IsReadOrRefused(string text)
    {
        try
        {
            KernelTrace trace = KernelTrace.Of(FtraceReader.Read(new StringReader(text)), KernelCalls.Released, KernelTraceTests.Vendor);
            return trace.Crossings.All(c => trace.Place(c.Sequence).StartsWith("line ", StringComparison.Ordinal));
        }
        catch (FtraceFormatException e)
        {
            return e.Line >= 1 && e.Line <= text.Count(c => c == '\n') + 1;
        }
    }
}
