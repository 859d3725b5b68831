using System.Buffers.Binary;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

/// <summary>The host's side, from pages that a guest wrote by hand to pages that it reads.</summary>
public sealed class GhcbDispatcherTests
{
    private const ulong Mandatory = 0x001C000000000000;

    [Fact]
    public void Bind_reaches_the_host_and_its_answer_the_page() => Assert.Equal(
        "308:2a 3f8:18000200000000",
        Serve(
            [(0x390, 0x80000021), (0x398, 0x0000000000001008), (0x3F8, Mandatory)],
            (name, arguments) =>
            {
                Assert.Equal(("TioOp", new SbdfnId(0x1008), TioOp.Bind), (name, arguments[0], arguments[1]));
                arguments[2] = new TdiId(0x2A);
                return GhcbStatus.Success;
            }));

    [Fact]
    public void A_message_reaches_the_host_and_its_answer_the_page() => Assert.Equal(
        "310:1 318:c 3a0:10000003c 3f8:18000c00000000",
        Serve(
            [(0x1F8, 0x8000), (0x308, 0x0000000400001008), (0x310, 0xF), (0x318, 8), (0x390, 0x80000020), (0x398, 0x1000), (0x3A0, 0x2000), (0x3F0, 1ul << 63), (0x3F8, Mandatory | 0xE00000000)],
            (_, arguments) =>
            {
                Assert.Equal([0x1000ul, 0x2000ul, 0x8000ul, 8ul, new SbdfnId(0x1008), 4u, 0xFul], arguments[..7]);
                arguments[3] = 12ul;
                arguments[7] = TdiState.ConfigLocked;
                arguments[8] = SevRet.InvalidTdiState;
                arguments[9] = SnpVmmError.InvalidLen;
                return GhcbStatus.Success;
            }));

    [Theory]
    [InlineData(0x0018000E00000000ul)] // no exit code
    [InlineData(0x0014000E00000000ul)] // no SW_EXITINFO1
    [InlineData(0x000C000E00000000ul)] // no SW_EXITINFO2
    [InlineData(0x001C000C00000000ul)] // no RCX
    [InlineData(0x001C000A00000000ul)] // no RDX
    [InlineData(0x001C000600000000ul)] // no RBX
    public void What_is_not_marked_is_missing(ulong bitmap) => Assert.Equal(
        "398:2 3a0:4 3f8:18000000000000",
        Serve(
            [(0x1F8, 0x8000), (0x308, 0x1008), (0x310, 0xF), (0x318, 8), (0x390, 0x80000020), (0x398, 0x1000), (0x3A0, 0x2000), (0x3F0, 1ul << 63), (0x3F8, bitmap)],
            (_, _) => throw new InvalidOperationException("No server is asked.")));

    [Fact]
    public void An_optional_field_that_is_not_marked_is_zero_whatever_the_page_has() => Serve(
        [(0x140, 0xBAD), (0x1F8, 1), (0x390, 0x72), (0x3E8, 0xBAD), (0x3F0, 1ul << 63), (0x3F8, Mandatory | 0x200000000)],
        (_, arguments) =>
        {
            Assert.Equal([1ul, 0ul, 0ul, 0ul], arguments[..4]);
            return GhcbStatus.Success;
        });

    [Fact]
    public void An_unknown_call_is_an_invalid_event() => Assert.Equal("398:2 3a0:6 3f8:18000000000000", Serve([(0x390, 0x80000023), (0x3F8, Mandatory)], (_, _) => default));

    [Fact]
    public void A_reserved_field_that_is_not_zero_is_invalid_input() => Assert.Equal(
        "398:2 3a0:5 3f8:18000000000000", Serve([(0x390, 0x80000021), (0x398, 0x1008), (0x3A0, 1), (0x3F8, Mandatory)], (_, _) => default));

    [Theory]
    [InlineData(GhcbStatus.NotRegistered, "398:2 3a0:1 3f8:18000000000000")]
    [InlineData(GhcbStatus.InvalidUsage, "398:2 3a0:2 3f8:18000000000000")]
    [InlineData(GhcbStatus.InvalidScratchArea, "398:2 3a0:3 3f8:18000000000000")]
    public void A_status_of_the_host_has_its_reason_in_the_second_field(GhcbStatus status, string page) =>
        Assert.Equal(page, Serve([(0x390, 0x80000003), (0x3F8, Mandatory)], (_, _) => status));

    [Fact]
    public void What_the_guest_passed_is_not_an_answer() => Assert.Equal("3f8:18000000000000", Serve([(0x390, 0x80000001), (0x398, 0x1000), (0x3A0, 4), (0x3A8, 0x9800), (0x3F8, Mandatory | (1ul << 53))], (_, _) => default));

    [Fact]
    public void Registers_that_do_not_count_are_zero_without_a_page_too()
    {
        GhcbRegisters registers = new() { SwExitCode = 0x72, Rax = 1, Xss = 0xBAD, Valid = 0x705 };
        object? seen = null;
        new GhcbDispatcher(GhcbServerProxy.Create((_, arguments) =>
        {
            seen = arguments[3];
            return GhcbStatus.Success;
        })).Call(GhcbCalls.Cpuid, ref registers);
        Assert.Equal(0ul, seen);
    }

    [Fact]
    public void A_page_keeps_no_mark_of_an_earlier_call()
    {
        byte[] page = new byte[GhcbPage.ByteSize];
        page.AsSpan(0x3F0, 16).Fill(0xFF);
        GhcbCodec.Page.Write(new GhcbRegisters { SwExitCode = 0x72, Valid = 0x100 }, page);
        Assert.Equal("390:72 3f8:4000000000000", GhcbHost.Text(page));
    }

    [Fact]
    public void A_page_that_is_too_short_is_refused()
    {
        Assert.Throws<ArgumentException>(() => GhcbCodec.Page.Read(new byte[GhcbPage.ByteSize - 1], out _));
        Assert.Throws<ArgumentException>(() => GhcbCodec.Page.Write(default, new byte[GhcbPage.ByteSize - 1]));
    }

    private static string Serve((int Offset, ulong Value)[] words, Func<string, object?[], GhcbStatus> serve)
    {
        byte[] page = new byte[GhcbPage.ByteSize];
        foreach ((int offset, ulong value) in words) BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
        GhcbCodec.Page.Read(page, out GhcbRegisters registers);
        new GhcbDispatcher(GhcbServerProxy.Create(serve)).Call(GhcbCalls.NmiComplete, ref registers);
        byte[] answer = new byte[GhcbPage.ByteSize];
        GhcbCodec.Page.Write(in registers, answer);
        return GhcbHost.Text(answer);
    }
}
