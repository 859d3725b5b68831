using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>Serves requests about bound TDIs.</summary>
/// <param name="firmware">The firmware.</param>
internal sealed class GuestRequests(SevFirmware firmware)
{
    /// <summary>Serves one.</summary>
    /// <returns>How many bytes of the response were left over.</returns>
    public SysResult Serve(SevInterface bound, SevGuestRequest asked, HostTsmDriver.GuestReqContext context) => asked.Operation switch
    {
        SevRequestOperation.Message => PassMessage(bound, asked, context),
        SevRequestOperation.Certificates => context.Answer(bound.Connection.Certificates),
        SevRequestOperation.Measurements => AnswerMeasurements(bound.Connection, asked.Nonce, context),
        SevRequestOperation.Report => context.Answer(bound.Report),
        SevRequestOperation.Run => Change(bound.Run(), TdiState.Run, context),
        SevRequestOperation.Stop => Change(bound.Unlock(TioForceFlags.None), TdiState.ConfigUnlocked, context),
        SevRequestOperation.State => AnswerState(bound, context),
        SevRequestOperation.TdiId => AnswerName(bound, context),
        _ => Errno.EINVAL,
    };

    private static SysResult AnswerMeasurements(SevConnection connection, ReadOnlySpan<byte> nonce, HostTsmDriver.GuestReqContext context)
    {
        RelayOutcome outcome = nonce.ContainsAnyExcept((byte)0) ? connection.Measure(nonce) : default;
        return Answer(outcome, connection.Measurements, context);
    }

    private static SysResult Change(RelayOutcome outcome, TdiState state, HostTsmDriver.GuestReqContext context)
    {
        if (outcome.IsOk) context.Observe(state);
        return Answer(outcome, [], context);
    }

    private static SysResult AnswerState(SevInterface bound, HostTsmDriver.GuestReqContext context)
    {
        if (context.Response.IsEmpty) return Errno.ENOSPC;
        RelayOutcome outcome = bound.ReadState(out TdiState state);
        if (outcome.IsOk) context.Observe(state);
        return Answer(outcome, [(byte)state], context);
    }

    private static SysResult AnswerName(SevInterface bound, HostTsmDriver.GuestReqContext context)
    {
        Span<byte> name = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(name, bound.Id.Value);
        return context.Answer(name);
    }

    private static SysResult Answer(RelayOutcome outcome, ReadOnlySpan<byte> data, HostTsmDriver.GuestReqContext context)
    {
        if (outcome.IsOk) return context.Answer(data);
        context.TsmCode = (ulong)outcome.Status;
        return Errno.EIO;
    }

    /// <summary>Passes a message on. Only pages that KVM has announced for this VM count: the addresses come from user space. How the firmware ended it is part of the answer, and not a
    /// failure of the request.</summary>
    private SysResult PassMessage(SevInterface bound, SevGuestRequest asked, HostTsmDriver.GuestReqContext context)
    {
        if (!bound.Vm.IsAnnounced(asked.ReqSpa, asked.RspSpa)) return Errno.EINVAL;
        if (context.Response.Length < SevMessageResult.ByteSize) return Errno.ENOSPC;
        RelayOutcome outcome = PassMessage(bound, asked.ReqSpa, asked.RspSpa);
        context.TsmCode = (ulong)outcome.Status;
        if (!outcome.IsOk && !outcome.IsEnded) return Errno.EIO;
        Span<byte> result = stackalloc byte[SevMessageResult.ByteSize];
        new SevMessageResult { FwError = outcome.Status }.Write(result);
        return context.Answer(result);
    }

    /// <summary>The guest may change its pages at any time, so the firmware gets a copy of the one and writes its own in place of the other.</summary>
    private RelayOutcome PassMessage(SevInterface bound, ulong requestPage, ulong responsePage)
    {
        var failure = new RelayOutcome(Errno.EIO, SevRet.NoFwCall);
        if (!firmware.Pages.TryTake(1, out ulong[] request)) return failure;
        byte[] page = new byte[RmpConstants.PageSize];
        firmware.Memory.Read(requestPage, page);
        firmware.Memory.Write(request[0], page);
        ulong response = firmware.Pages.TakeForFirmware();
        RelayOutcome outcome = response != 0 ? bound.Pass(request[0], response) : failure;
        firmware.Pages.GiveBack(request);
        if (response == 0) return failure;
        if (!firmware.Pages.Reclaim(response)) return failure;
        firmware.Memory.Read(response, page);
        firmware.Pages.GiveBack([response]);

        // The exit may have been answered in the meantime, and its page be somebody else's.
        if (outcome.IsOk && bound.Vm.IsAnnounced(requestPage, responsePage)) firmware.Memory.Write(responsePage, page);
        return outcome;
    }
}
