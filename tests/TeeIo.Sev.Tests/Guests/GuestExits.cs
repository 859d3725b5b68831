using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>A guest's exits, and a host behind them that is honest until a test says otherwise.</summary>
internal sealed class GuestExits : SevInstructions
{
    private readonly GuestFixture _guest;
    private readonly IGhcbServer _server;

    public GuestExits(GuestFixture guest)
    {
        _guest = guest;
        _server = GhcbServerProxy.Create(Serve);
        Message = Pass;
    }

    /// <summary>Calls in their order: operations by name, messages by the host's parameter.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Request pages as the host has seen them.</summary>
    public List<byte[]> Requests { get; } = [];

    /// <summary>Answers a request of the MSR protocol.</summary>
    public Func<ulong, ulong> Msr { get; set; } = static asked => (asked & 0xFFF) switch
    {
        0x002 => (2UL << 48) | (1UL << 32) | (51UL << 24) | 1,
        0x012 => asked | 1,
        0x080 => (0x81UL << 12) | 0x81,
        _ => 0,
    };

    /// <summary>How an operation ends.</summary>
    public Func<TioOp, (GhcbStatus Status, SevRet FwError, SnpVmmError VmmError)> Operation { get; set; } = static _ => default;

    /// <summary>The TDI's name that the host gives at bind.</summary>
    public TdiId Tdi { get; set; } = new(0x7000);

    /// <summary>What the host does with a message.</summary>
    public Func<GuestExit, GhcbStatus> Message { get; set; }

    /// <summary>What the host puts into the data buffer.</summary>
    public Func<TioInfoFlags, byte[]> Blobs { get; set; } = static _ => [];

    public override RegisterTransport<RmpRegisters> Rmp => throw new NotSupportedException("The guest's driver accepts no page by itself.");

    public override ulong GhcbMsr { get; set; }

    public override void VmgExit()
    {
        if (GhcbMsr % GuestMachine.PageSize != 0)
        {
            GhcbMsr = Msr(GhcbMsr);
            return;
        }

        byte[] page = _guest.SharedPage(GhcbMsr);
        GhcbCodec.Page.Read(page, out GhcbRegisters registers);
        new GhcbDispatcher(_server).Call(GhcbCalls.TioOp, ref registers);
        GhcbCodec.Page.Write(in registers, page);
    }

    /// <summary>Passes a message to the firmware and its answer back, as an honest host does.</summary>
    public GhcbStatus Pass(GuestExit exit)
    {
        if (exit.DataGpa != 0) _guest.TryWrite(exit.DataGpa, Blobs((TioInfoFlags)exit.Parameter), isPrivate: false);
        exit.FwError = _guest.Firmware.Answer(_guest.SharedPage(exit.RequestGpa), _guest.SharedPage(exit.ResponseGpa));
        return GhcbStatus.Success;
    }

    private GhcbStatus Serve(string name, object?[] arguments)
    {
        if (name == "TioOp")
        {
            var action = (TioOp)arguments[1]!;
            Calls.Add(action.ToString());
            (GhcbStatus status, SevRet fwError, SnpVmmError vmmError) = Operation(action);
            (arguments[2], arguments[3], arguments[4]) = (action == TioOp.Bind ? Tdi : default, fwError, vmmError);
            return status;
        }

        Assert.Equal("TioGuestRequest", name);
        var exit = new GuestExit
        {
            RequestGpa = (ulong)arguments[0]!,
            ResponseGpa = (ulong)arguments[1]!,
            DataGpa = (ulong)arguments[2]!,
            DataPages = (ulong)arguments[3]!,
            Device = ((SbdfnId)arguments[4]!).Value,
            MmioPages = (uint)arguments[5]!,
            Parameter = (ulong)arguments[6]!,
        };
        Calls.Add($"message {exit.Parameter:x}");
        Requests.Add([.. _guest.SharedPage(exit.RequestGpa)]);
        GhcbStatus answered = Message(exit);
        (arguments[3], arguments[7], arguments[8], arguments[9]) = (exit.DataPages, exit.State, exit.FwError, exit.VmmError);
        return answered;
    }
}
