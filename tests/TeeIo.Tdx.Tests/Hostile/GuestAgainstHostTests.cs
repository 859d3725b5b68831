using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Hostile;
using TeeIo.Linux.Kvm;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Kvm;
using TeeIo.Tdx.Module.Platform;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tdx.Tests.Drivers;
using TeeIo.Tdx.Vmm;
using TeeIo.Vmm;

namespace TeeIo.Tdx.Tests.Hostile;

/// <summary>A TD against its host: the registers of a TDVMCALL and TDCM's buffer through KVM's part and the VMM's, and requests to the host's driver.</summary>
public sealed class GuestAgainstHostTests(ITestOutputHelper output)
{
    private const ulong SharedBit = 1UL << 47;
    private static readonly TdxExitEncoder s_encoder = new(_ => SharedBit);

    [Fact]
    public void No_call_of_a_guest_reaches_the_host_with_what_it_may_not_have() => MutationRun.Run(output, "guest against host, TDX calls and buffers", JudgeCall, share: 2);

    [Fact]
    public void No_request_of_a_guest_is_served_that_is_none()
    {
        var host = new HostFixture();
        Assert.True(host.Start().IsOk);
        Assert.True(host.Host.Bind(host.Tdi).IsOk);
        MutationRun.Run(output, "guest against host, TDX requests", mutation => JudgeRequest(host, mutation), share: 4);
    }

    private static string? JudgeCall(Mutation mutation)
    {
        var guest = new LyingGuest(mutation) { Named = (LyingGuest.Buffer, 0x1000), Device = 8 };
        new TdvmcallTdcm { Operation = (TdcmOperation)(1 + mutation.Below(7)) }.Write(guest.Memory[(int)LyingGuest.Buffer..]);
        if (mutation.Once(2)) mutation.Scribble(guest.Memory.Slice((int)LyingGuest.Buffer, TdvmcallTdcm.ByteSize));
        RegisterFile registers = default;
        registers[Register.R11] = (ulong)(mutation.Once(8) ? GhciCalls.MapGpa.Number!.Value : (ulong)KvmTdxExit.Tdcm);
        (registers[Register.R12], registers[Register.R13], registers[Register.R14]) = (guest.Device, SharedBit | LyingGuest.Buffer, guest.Named.Size);
        for (int i = mutation.Below(3); i > 0; i--)
        {
            Register changed = Register.R10 + mutation.Below(6);
            registers[changed] = mutation.Change(registers[changed]);
        }

        guest.Device = registers[Register.R12];
        guest.Named = (registers[Register.R13] & ~SharedBit, registers[Register.R14]);
        byte[] exit = new byte[256];
        if (s_encoder.Encode(guest, ref registers, exit) is not { } reason) return guest.Wrong;
        if (reason == (uint)ExitReason.Hypercall) return JudgeConversion(exit);
        var decoder = new TdxGuestCallDecoder(new VmmContext(CrossingHub.Silent, guest, guest));
        if (decoder.HandleExit(guest.Vm, reason, exit, guest) is not { IsOk: true, Value: 1 }) return "a guest's call ends the VM";
        guest.Work();
        if (mutation.Once(4)) mutation.Scribble(exit);
        s_encoder.Complete(guest, ref registers, exit);
        return guest.Wrong;
    }

    /// <summary>A conversion that reaches user space is of whole pages below the shared bit.</summary>
    private static string? JudgeConversion(byte[] exit)
    {
        KvmExitHypercall.TryRead(exit, out KvmExitHypercall call);
        ReadOnlySpan<ulong> arguments = call.Args;
        bool isRange = arguments[0] % 0x1000 == 0 && arguments[1] > 0 && arguments[0] < SharedBit && arguments[1] <= (SharedBit - arguments[0]) / 0x1000;
        return isRange ? null : $"a conversion of {arguments[1]} pages at {arguments[0]:x}";
    }

    private static string? JudgeRequest(HostFixture host, Mutation mutation)
    {
        host.Module.Calls.Clear();
        byte[] genuine = new byte[TdxGuestRequest.ByteSize];
        new TdxGuestRequest { Version = GuestRequestConstants.Version, Operation = (GuestRequestOperation)(1 + mutation.Below(6)) }.Write(genuine);
        byte[] said = mutation.Change(genuine, []);
        byte[] room = new byte[mutation.Below(128)];
        SysResult result = host.Host.GuestReq(host.Tdi, (uint)mutation.Number(), said, room, out _);
        bool isOne = said.Length == TdxGuestRequest.ByteSize && TdxGuestRequest.TryRead(said, out TdxGuestRequest asked) && asked.Version == GuestRequestConstants.Version
            && asked.Reserved == 0 && Enum.IsDefined(asked.Operation);
        if (!isOne && (result.IsOk || host.Module.Calls.Count > 0)) return $"{Convert.ToHexString(said)} is served: {result}, {string.Join(", ", host.Module.Calls)}";
        return result.IsOk && result.Value > room.Length ? $"{result.Value} bytes are left of {room.Length}" : null;
    }
}
