using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Hostile;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Platform;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Tests.Drivers;
using TeeIo.Sev.Vmm;
using TeeIo.Vmm;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>An SNP guest against its host: the GHCB's MSR and page through KVM's part and the VMM's, and requests to the host's driver.</summary>
public sealed class GuestAgainstHostTests(ITestOutputHelper output)
{
    private const ulong Ghcb = 0x1000;
    private const ulong Request = 0x2000;
    private const ulong Response = 0x3000;
    private const ulong Data = 0x4000;

    private int _reached;

    [Fact]
    public void No_exit_of_a_guest_reaches_the_host_with_what_it_may_not_have()
    {
        HostFixture host = new HostFixture().Connected();
        var memory = new PhysicalMemory((int)LyingGuest.Pages, 1);
        ulong start = Enumerable.Range(0, memory.PageCount).Select(_ => memory.AllocatePage()).Min();
        MutationRun.Run(output, "guest against host, GHCB", mutation => JudgeExit(host, memory, start, mutation), share: 2);

        // Otherwise nothing is shown: the changes must leave enough exits that the host serves.
        output.WriteLine($"{_reached} exits reached the host's driver");
        Assert.NotEqual(0, _reached);
    }

    [Fact]
    public void No_request_of_a_guest_is_served_that_is_none()
    {
        HostFixture host = new HostFixture().Bound();
        MutationRun.Run(output, "guest against host, SEV requests", mutation => JudgeRequest(host, mutation), share: 4);
    }

    private string? JudgeExit(HostFixture host, PhysicalMemory memory, ulong start, Mutation mutation)
    {
        var guest = new LyingGuest(mutation, memory, start, () => host.Known) { Vm = host.Vm };
        var encoder = new SevExitEncoder(memory, host.Vms, host.Memory);
        RegisterFile registers = default;
        registers[Register.Rax] = RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.RegGpaReq, Gfn = Ghcb >> 12 });
        if (mutation.Once(8)) registers[Register.Rax] = mutation.Change(registers[Register.Rax]);
        byte[] exit = new byte[256];
        if (encoder.Encode(guest, ref registers, exit) is not null && registers[Register.Rax] % PhysicalMemory.PageSize != 0) return "an MSR request goes to user space";
        for (int calls = 1 + mutation.Below(2); calls > 0 && guest.Wrong is null; calls--)
        {
            memory.Write(start + Ghcb, Page(mutation), KeyId.Shared);
            byte[] message = new byte[SnpGuestMsgHdr.ByteSize];
            new SnpGuestMsgHdr { MsgType = (SnpMsgType)(mutation.Once(8) ? mutation.Below(256) : 20 + (2 * mutation.Below(3))), MsgVersion = 2 }.Write(message);
            memory.Write(start + Request, message, KeyId.Shared);
            registers[Register.Rax] = mutation.Once(16) ? mutation.Number() & ~0xFFFUL : Ghcb;
            exit.AsSpan().Clear();
            if (encoder.Encode(guest, ref registers, exit) is not { } reason) continue;
            if (mutation.Once(4)) memory.Write(start + Ghcb, Page(mutation), KeyId.Shared);
            var decoder = new SevGuestCallDecoder(new VmmContext(CrossingHub.Silent, guest, new NoWorker()));
            if (decoder.HandleExit(guest.Vm, reason, exit, guest) is not { IsOk: true, Value: 1 }) return "a guest's exit ends the VM";
            if (mutation.Once(4)) mutation.Scribble(exit);
            encoder.Complete(guest, ref registers, exit);
            if (host.Known.IsAnnounced(start + Request, start + Response)) return "a guest's pages stay announced after their call";
        }

        if (guest.HasReached) _reached++;
        return guest.Wrong;
    }

    private static byte[] Page(Mutation mutation)
    {
        GhcbRegisters registers = default;
        RegisterTransport<GhcbRegisters> sent = new Capture(r => registers = r);
        var client = new GhcbClient(sent);
        ulong pages = GhcbConstants.DataPages;
        ulong parameter = mutation.Once(2) ? (ulong)mutation.Below(16) : RegisterBoundary.Pack(new TioMmioParam { Gfn = (ulong)mutation.Below(16), Private = mutation.Once(2) });
        if (mutation.Once(2)) client.TryTioOp(new SbdfnId(0x20), (TioOp)mutation.Below(4), out _, out _, out _);
        else client.TryTioGuestRequest(Request, Response, mutation.Once(2) ? Data : 0, ref pages, new SbdfnId(0x20), (uint)mutation.Below(4), parameter, out _, out _, out _);
        byte[] page = new byte[GhcbPage.ByteSize];
        new GhcbPage { ProtocolVersion = GhcbConstants.ProtocolMax, GhcbUsage = GhcbConstants.UsageStandard }.Write(page);
        GhcbCodec.Page.Write(in registers, page);

        // The registers that count are few among the page's bytes: half of the changes are made to them.
        if (mutation.Once(2)) mutation.Scribble(page);
        else if (mutation.Once(2)) BitConverter.TryWriteBytes(page.AsSpan(0x390 + (8 * mutation.Below(4))), mutation.Number());
        else if (mutation.Once(2)) BitConverter.TryWriteBytes(page.AsSpan(8 * mutation.Below(128)), mutation.Number());
        return page;
    }

    private static string? JudgeRequest(HostFixture host, Mutation mutation)
    {
        host.Firmware.Calls.Clear();
        host.Firmware.Buffers.Clear();
        host.Firmware.Responses.Clear();
        host.Pages.Calls.Clear();
        byte[] genuine = new byte[SevGuestRequest.ByteSize];
        new SevGuestRequest { Version = SevGuestRequestConstants.Version, Operation = (SevRequestOperation)(1 + mutation.Below(8)) }.Write(genuine);
        byte[] said = mutation.Change(genuine, []);
        byte[] room = new byte[mutation.Below(128)];
        SysResult result = host.Host.GuestReq(host.Tdi, (uint)mutation.Number(), said, room, out _);
        bool isOne = said.Length == SevGuestRequest.ByteSize && SevGuestRequest.TryRead(said, out SevGuestRequest asked) && asked.Version == SevGuestRequestConstants.Version
            && asked.Reserved == 0 && Enum.IsDefined(asked.Operation) && asked.Operation != SevRequestOperation.Message;
        if (!isOne && (result.IsOk || host.Firmware.Calls.Count > 0)) return $"{Convert.ToHexString(said)} is served: {result}, {string.Join(", ", host.Firmware.Calls)}";
        return result.IsOk && result.Value > room.Length ? $"{result.Value} bytes are left of {room.Length}" : null;
    }

    private sealed class Capture(Action<GhcbRegisters> note) : RegisterTransport<GhcbRegisters>
    {
        public override void Call(CallInfo call, ref GhcbRegisters registers) => note(registers);
    }

    private sealed class NoWorker : IVmmWorker
    {
        public void Post(Action work) => throw new NotSupportedException("The decoder puts nothing off.");
    }
}
