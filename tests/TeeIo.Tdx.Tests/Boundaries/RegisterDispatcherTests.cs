using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Boundaries;

/// <summary>What a server's side does with registers that no well-behaved client sends. Selectors and bits are written out, as the references have them.</summary>
public sealed class RegisterDispatcherTests
{
    private const ulong Refused = 0xC000_0100_0000_0000;

    [Theory]
    [InlineData(0x1_0043)] // TDG.TDI.RD has version 0 only
    [InlineData(0x43_0000)]
    [InlineData(0x1_0000_0043)]
    [InlineData(69)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF)]
    public void A_selector_that_no_call_of_the_guest_has_goes_to_UnknownCall(ulong rax)
    {
        (ITdcallServer server, StubServer stub) = StubServer.Of<ITdcallServer>((_, _) => Refused);
        RegisterFile registers = default;
        registers[Register.Rax] = rax;

        new TdcallDispatcher(server).Call(TdcallCalls.TdiRd, ref registers);

        Assert.Equal([nameof(ITdcallServer.UnknownCall)], stub.Calls);
        Assert.Equal(Refused, registers[Register.Rax]);
    }

    [Theory]
    [InlineData(45)] // TDH.SYS.CONFIG and TDH.VP.INIT have version 1
    [InlineData(0x2_002D)]
    [InlineData(22)]
    [InlineData(0x2_0016)]
    [InlineData(0x1_0002)] // TDH.MEM.PAGE.ADD has version 0
    public void Another_version_is_another_call(ulong rax)
    {
        (ISeamcallServer server, StubServer stub) = StubServer.Of<ISeamcallServer>((_, _) => Refused);
        RegisterFile registers = default;
        registers[Register.Rax] = rax;

        new SeamcallDispatcher(server).Call(SeamcallCalls.SysConfig, ref registers);

        Assert.Equal([nameof(ISeamcallServer.UnknownCall)], stub.Calls);
        Assert.Equal(Refused, registers[Register.Rax]);
    }

    [Theory]
    [InlineData(0x1_002D, nameof(ISeamcallServer.SysConfig))]
    [InlineData(0x1_0016, nameof(ISeamcallServer.VpInit))]
    [InlineData(2, nameof(ISeamcallServer.MemPageAdd))]
    public void Its_own_version_reaches_the_call(ulong rax, string call)
    {
        (ISeamcallServer server, StubServer stub) = StubServer.Of<ISeamcallServer>();
        RegisterFile registers = default;
        registers[Register.Rax] = rax;

        new SeamcallDispatcher(server).Call(SeamcallCalls.MemTrack, ref registers);

        Assert.Equal([call], stub.Calls);
    }

    [Fact]
    public void An_unknown_call_may_answer_in_registers()
    {
        (ITdcallServer server, _) = StubServer.Of<ITdcallServer>((_, arguments) =>
        {
            var answer = (RegisterFile)arguments[0]!;
            answer[Register.R11] = 7;
            arguments[0] = answer;
            return Refused;
        });
        RegisterFile registers = default;
        registers[Register.Rax] = 69;

        new TdcallDispatcher(server).Call(TdcallCalls.VpInfo, ref registers);

        Assert.Equal((Refused, 7UL), (registers[Register.Rax], registers[Register.R11]));
    }

    [Theory]
    [InlineData(Register.Rdx, 8)]
    [InlineData(Register.Rdx, 27)]
    [InlineData(Register.Rdx, 28)]
    [InlineData(Register.Rdx, 63)]
    [InlineData(Register.R8, 0)]
    [InlineData(Register.R9, 63)]
    [InlineData(Register.R10, 1)]
    [InlineData(Register.R11, 32)]
    [InlineData(Register.R12, 0)]
    [InlineData(Register.R13, 0)]
    [InlineData(Register.R14, 0)]
    [InlineData(Register.R15, 63)]
    public void A_reserved_bit_is_refused_with_its_register_and_does_not_reach_the_call(Register register, int bit)
    {
        (ITdcallServer server, StubServer stub) = StubServer.Of<ITdcallServer>((_, _) => Refused);
        RegisterFile registers = default;
        registers[Register.Rax] = 70;
        registers[register] = 1UL << bit;

        new TdcallDispatcher(server).Call(TdcallCalls.DmarAccept, ref registers);

        Assert.Equal([nameof(ITdcallServer.ReservedOperand)], stub.Calls);
        Assert.Equal([TdcallCalls.DmarAccept, register], stub.Arguments);
        Assert.Equal(Refused, registers[Register.Rax]);
    }

    [Fact]
    public void A_call_without_reserved_bits_reaches_its_server()
    {
        (ITdcallServer server, StubServer stub) = StubServer.Of<ITdcallServer>();
        RegisterFile registers = default;
        (registers[Register.Rax], registers[Register.Rcx], registers[Register.Rdx]) = (70, 0x108, 0xFF);

        new TdcallDispatcher(server).Call(TdcallCalls.DmarAccept, ref registers);

        Assert.Equal([nameof(ITdcallServer.DmarAccept)], stub.Calls);
        Assert.Equal([new FunctionId(0x108), (byte)0xFF], stub.Arguments);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(63)]
    public void Reserved_bits_of_a_TDVMCALL_are_refused_in_R10(int bit)
    {
        (IGhciServer server, StubServer stub) = StubServer.Of<IGhciServer>((_, _) => Refused);
        RegisterFile registers = default;
        (registers[Register.R11], registers[Register.R12]) = (0x10006, 1UL << bit);

        new GhciDispatcher(server).Call(GhciCalls.MigTd, ref registers);

        Assert.Equal([GhciCalls.MigTd, Register.R12], stub.Arguments);
        Assert.Equal((Refused, 0UL), (registers[Register.R10], registers[Register.Rax]));
    }

    [Fact]
    public void A_vendor_s_own_TDVMCALL_is_unknown_whatever_R11_says()
    {
        (IGhciServer server, StubServer stub) = StubServer.Of<IGhciServer>((_, _) => Refused);
        RegisterFile registers = default;
        (registers[Register.R10], registers[Register.R11]) = (1, 12);

        new GhciDispatcher(server).Call(GhciCalls.Halt, ref registers);

        Assert.Equal([nameof(IGhciServer.UnknownCall)], stub.Calls);
        Assert.Equal(Refused, registers[Register.R10]);
    }

    [Fact]
    public void A_call_without_a_number_is_known_by_its_name_whatever_the_selector_says()
    {
        (ISeamcallServer server, StubServer stub) = StubServer.Of<ISeamcallServer>();
        RegisterFile registers = default;
        (registers[Register.Rax], registers[Register.Rcx]) = (2, 0x108);

        new SeamcallDispatcher(server).Call(SeamcallCalls.TdiRemove, ref registers);

        Assert.Equal([nameof(ISeamcallServer.TdiRemove)], stub.Calls);
        Assert.Equal(new HostFunctionId(0x108), stub.Arguments[0]);
    }

    [Fact]
    public void A_call_with_a_number_is_known_by_its_number_whatever_the_caller_says()
    {
        (ITdcallServer server, StubServer stub) = StubServer.Of<ITdcallServer>();
        RegisterFile registers = default;
        registers[Register.Rax] = 67;

        new TdcallDispatcher(server).Call(TdcallCalls.TdiStart, ref registers);

        Assert.Equal([nameof(ITdcallServer.TdiRd)], stub.Calls);
    }

    [Fact]
    public void A_server_sees_of_a_shared_register_just_the_bits_of_each_operand()
    {
        (ITdcallServer server, StubServer stub) = StubServer.Of<ITdcallServer>();
        RegisterFile registers = default;
        (registers[Register.Rax], registers[Register.Rcx], registers[Register.R9]) = (71, 0xABC0_1234_5678_9FFA, 0x0000_0007_0000_0009);

        new TdcallDispatcher(server).Call(TdcallCalls.MmioAccept, ref registers);

        Assert.Equal((PageLevel)2, stub.Arguments[0]);
        Assert.Equal(0x0_1234_5678_9UL, stub.Arguments[1]);
        Assert.Equal((9u, 7u), ((uint)stub.Arguments[4]!, (uint)stub.Arguments[5]!));
    }

    [Fact]
    public void A_result_of_some_bits_leaves_none_of_the_operand_in_its_register()
    {
        (ITdcallServer server, _) = StubServer.Of<ITdcallServer>((_, arguments) =>
        {
            (arguments[2], arguments[3], arguments[4], arguments[5]) = (PageLevel.Size2m, 5UL, true, false);
            return 0;
        });
        RegisterFile registers = default;
        (registers[Register.Rax], registers[Register.Rcx]) = (30, ulong.MaxValue);

        new TdcallDispatcher(server).Call(TdcallCalls.MemPageRelease, ref registers);

        Assert.Equal((1UL << 61) | 0x5001, registers[Register.Rcx]);
    }

    [Fact]
    public void What_a_server_says_of_a_failure_comes_out_beside_the_status()
    {
        (ITdcallServer server, _) = StubServer.Of<ITdcallServer>((_, arguments) =>
        {
            (arguments[6], arguments[7], arguments[8], arguments[9]) = (PageLevel.Size4k, 6UL, 3u, 2u);
            return 0x8000_0003_0000_0000;
        });

        ulong status = new TdcallClient(new TdcallDispatcher(server)).TryMmioAccept(PageLevel.Size4k, 4, 0, default, 5, 0, out _, out ulong page, out uint left, out uint offset);

        Assert.Equal((0x8000_0003_0000_0000, 6UL, 3u, 2u), (status, page, left, offset));
    }

    [Theory]
    [InlineData(CrossingSide.Client)]
    [InlineData(CrossingSide.Server)]
    public void A_dropped_call_succeeds_with_zeroed_outputs_and_reaches_nobody(CrossingSide side)
    {
        (ITdcallServer server, StubServer stub) = StubServer.Of<ITdcallServer>();
        CrossingHub hub = Injecting(side, Injection.Drop);

        ulong status = new TdcallClient(new TdcallDispatcher(server, hub), hub).TryMmioAccept(
            PageLevel.Size1g, 4, 0, default, 5, 6, out PageLevel level, out ulong page, out uint left, out uint offset);

        Assert.Equal((0UL, (PageLevel)0, 0UL, 0u, 0u), (status, level, page, left, offset));
        Assert.Empty(stub.Calls);
    }

    [Theory]
    [InlineData(CrossingSide.Client)]
    [InlineData(CrossingSide.Server)]
    public void A_call_that_the_injector_fails_has_its_status_and_zeroed_outputs(CrossingSide side)
    {
        (IGhciServer server, StubServer stub) = StubServer.Of<IGhciServer>();
        CrossingHub hub = Injecting(side, Injection.Fail((long)TdvmcallStatus.Retry));

        ulong status = new GhciClient(new GhciDispatcher(server, hub), hub).TryMapGpa(0x1000, 0x2000, out ulong next);

        Assert.Equal(((ulong)TdvmcallStatus.Retry, 0UL), (status, next));
        Assert.Empty(stub.Calls);
    }

    private static CrossingHub Injecting(CrossingSide side, Injection injection)
    {
        var injector = new CrossingInjector();
        injector.Add(crossing => crossing.Side == side, injection);
        return new CrossingHub([], injector);
    }
}
