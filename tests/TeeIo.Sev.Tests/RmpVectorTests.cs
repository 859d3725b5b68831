using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests;

public sealed class RmpVectorTests
{
    private static readonly RmpAttributes _assigned = new() { Assigned = true, Immutable = true, Asid = 0x0A0B0C0D };

    [Fact]
    public void Instructions_are_their_bytes() => Assert.Equal(
        [0xF20F01FFul, 0xF30F01FEul, 0xF20F01FEul, 0xF30F01FFul],
        new[] { RmpCalls.Pvalidate, RmpCalls.Rmpadjust, RmpCalls.Rmpupdate, RmpCalls.Psmash }.Select(c => c.Number!.Value));

    [Fact]
    public void Pvalidate() => Check(new RmpRegisters { Rax = 0x8000, Rcx = 1, Rdx = 1 }, c => c.TryPvalidate(0x8000, RmpPageSize.Size2m, true, out _));

    [Fact]
    public void Rmpadjust() => Check(
        new RmpRegisters { Rax = 0x8000, Rdx = 0x10302 }, c => c.TryRmpadjust(0x8000, RmpPageSize.Size4k, 2, RmpPermissions.Read | RmpPermissions.Write, true));

    [Fact]
    public void Rmpupdate_has_the_state_in_memory() => Check(
        new RmpRegisters { Rax = 0x8000, M0 = 0xE0000000, M1 = 0x0A0B0C0D00010001 }, c => c.TryRmpupdate(0x8000, 0xE0000000, _assigned));

    [Fact]
    public void Psmash() => Check(new RmpRegisters { Rax = 0x200000 }, c => c.TryPsmash(0x200000));

    [Fact]
    public void State_of_a_page_lies_as_the_instruction_wants_it()
    {
        byte[] bytes = new byte[RmpState.ByteSize];
        new RmpState { Gpa = 0xE0000000, Attributes = _assigned }.Write(bytes);
        Hex.Equal("000000E000000000 01 00 01 00 0D0C0B0A", bytes);
    }

    [Fact]
    public void The_carry_flag_says_that_nothing_changed_and_EAX_how_it_ended()
    {
        Cpu cpu = new() { Answer = new RmpRegisters { Rax = 0xFFFFFFFF00000000, Rflags = 0x203 } };
        Assert.Equal((RmpResult.Success, true), (new RmpClient(cpu).TryPvalidate(0, default, true, out bool unchanged), unchanged));
        cpu.Answer = new RmpRegisters { Rax = 6, Rflags = 0x202 };
        Assert.Equal((RmpResult.FailSizemismatch, false), (new RmpClient(cpu).TryPvalidate(0, default, true, out unchanged), unchanged));
        AbiException error = Assert.Throws<AbiException>(() => new RmpClient(cpu).Pvalidate(0, default, true));
        Assert.Contains("PVALIDATE failed with FAIL_SIZEMISMATCH", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_and_table_agree()
    {
        Table table = new();
        RmpClient client = new(new RmpDispatcher(table));
        Assert.Equal(RmpResult.FailOverlap, client.TryRmpupdate(0x8000, 0xE0000000, _assigned));
        Assert.Equal((0x8000ul, 0xE0000000ul, true, 0x0A0B0C0Du), (table.Address, table.Gpa, table.Attributes.Assigned, table.Attributes.Asid));
        Assert.Equal((RmpResult.Success, true), (client.TryPvalidate(0x8000, RmpPageSize.Size4k, true, out bool unchanged), unchanged));
    }

    [Fact]
    public void Reserved_bits_and_calls_of_others_are_refused()
    {
        RmpRegisters registers = new() { Rdx = 1 << 17 };
        new RmpDispatcher(new Table()).Call(RmpCalls.Rmpadjust, ref registers);
        Assert.Equal((ulong)RmpResult.FailInput, registers.Rax);
        registers = default;
        new RmpDispatcher(new Table()).Call(TeeIo.Sev.Ghcb.GhcbCalls.Psc, ref registers);
        Assert.Equal((ulong)RmpResult.FailInput, registers.Rax);
    }

    private static void Check(RmpRegisters expected, Func<RmpClient, RmpResult> call)
    {
        Cpu cpu = new();
        call(new RmpClient(cpu));
        Assert.Equal(Words(expected), Words(cpu.Seen));
    }

    private static ulong[] Words(RmpRegisters r) => [r.Rax, r.Rcx, r.Rdx, r.Rflags, r.M0, r.M1];

    private sealed class Cpu : RegisterTransport<RmpRegisters>
    {
        public RmpRegisters Seen { get; private set; }

        public RmpRegisters Answer { get; set; }

        public override void Call(CallInfo call, ref RmpRegisters registers) => (Seen, registers) = (registers, Answer);
    }

    private sealed class Table : IRmpServer
    {
        public ulong Address { get; private set; }

        public ulong Gpa { get; private set; }

        public RmpAttributes Attributes { get; private set; }

        public RmpResult Pvalidate(ulong address, RmpPageSize pageSize, bool validate, out bool unchanged)
        {
            unchanged = true;
            return RmpResult.Success;
        }

        public RmpResult Rmpadjust(ulong address, RmpPageSize pageSize, byte targetVmpl, RmpPermissions permissions, bool vmsa) => RmpResult.Success;

        public RmpResult Rmpupdate(ulong address, ulong gpa, RmpAttributes attributes)
        {
            (Address, Gpa, Attributes) = (address, gpa, attributes);
            return RmpResult.FailOverlap;
        }

        public RmpResult Psmash(ulong address) => RmpResult.Success;
    }
}
