using System.Diagnostics.CodeAnalysis;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The host's calls on SPDM sessions.</summary>
internal sealed class SpdmTable(TdxModuleOptions options, PhysicalMemory memory, PageOwnership pages, PageArray arrays, FirstTries tries, Func<uint, ISpdmRequester> requesters)
{
    private readonly SortedDictionary<ulong, SpdmContext> _sessions = [];

    public bool TryGet(ulong id, [NotNullWhen(true)] out SpdmContext? session) => _sessions.TryGetValue(id, out session);

    public Outcome Create(HostFunctionId functionId, ulong metadata, out SpdmId id)
    {
        id = default;
        Outcome listed = arrays.Read(metadata, TdxOperandId.Rdx, out ulong[] hpas);
        if (!listed.IsSuccess) return listed;
        if (hpas.Length != options.SpdmPages) return Outcome.Invalid(TdxOperandId.Rdx);
        if (_sessions.Values.Any(session => session.FunctionId == functionId.Value)) return TdxStatus.SpdmEntryAlreadyPresent;
        if (tries.IsFirst(nameof(SpdmTable) + nameof(Create), functionId.Value)) return TdxStatus.InterruptedResumable;

        ulong number = 0;
        while (_sessions.ContainsKey(number)) number++;
        Outcome taken = pages.TakeAll(hpas, PageType.IommuMt, PageOwner.Session(number), TdxOperandId.Rdx);
        if (!taken.IsSuccess) return taken;
        _sessions.Add(number, new SpdmContext(number, functionId.Value, hpas, requesters(functionId.Value), new Relay(memory, pages, tries)));
        id = new SpdmId(number);
        return Outcome.Success;
    }

    /// <summary>Deletes a session without streams, whether it was disconnected or not: a host must get its pages back from a device that is gone.</summary>
    public Outcome Delete(SpdmId id, ulong releaseRoot, out ulong released)
    {
        released = 0;
        if (!TryGet(id.Value, out SpdmContext? session)) return TdxStatus.SpdmEntryNotPresent;
        if (session.StreamCount > 0) return TdxStatus.SpdmHasActiveIdeStreams;
        if (tries.IsFirst(nameof(SpdmTable) + nameof(Delete), id.Value)) return TdxStatus.InterruptedResumable;
        Outcome written = arrays.Write(session.Pages, releaseRoot, TdxOperandId.Rdx, out released);
        if (!written.IsSuccess) return written;
        session.AbortRelay();
        pages.ReleaseAll(session.Pages);
        _sessions.Remove(id.Value);
        return Outcome.Success;
    }

    public Outcome Connect(SpdmId id, ulong configPage, ulong responsePage, ulong requestPage, ulong devInfo, out ulong length)
    {
        length = 0;
        if (!TryGet(id.Value, out SpdmContext? session)) return TdxStatus.SpdmEntryNotPresent;
        if (session.State != SpdmState.Created) return TdxStatus.SpdmInvalidState;
        Outcome config = pages.CheckFree(configPage, TdxOperandId.Rdx);
        if (!config.IsSuccess) return config;
        var call = new RelayCall(nameof(Connect), id.Value, responsePage, requestPage, configPage, devInfo);
        Outcome outcome = session.Relay.Run(call, session.Connect, out length);
        return outcome.IsSuccess ? GiveDeviceInfo(session, devInfo, TdxOperandId.R10, out length) : outcome;
    }

    /// <summary>Ends a session that has no streams any more. One that broke ends without a message; one whose conversation is stuck breaks.</summary>
    public Outcome Disconnect(SpdmId id, ulong responsePage, ulong requestPage, out ulong length)
    {
        length = 0;
        if (!TryGet(id.Value, out SpdmContext? session)) return TdxStatus.SpdmEntryNotPresent;
        if (session.State != SpdmState.Connected) return TdxStatus.SpdmInvalidState;
        if (session.StreamCount > 0) return TdxStatus.SpdmHasActiveIdeStreams;
        var call = new RelayCall(nameof(Disconnect), id.Value, responsePage, requestPage);
        if (!session.Relay.Awaits(call)) session.AbortRelay();
        return session.Relay.Run(call, session.Disconnect, out length);
    }

    public Outcome Manage(SpdmId id, SpdmMngOp op, ulong parameter, ulong responsePage, ulong requestPage, ulong output, out ulong length)
    {
        length = 0;
        if (!TryGet(id.Value, out SpdmContext? session)) return TdxStatus.SpdmEntryNotPresent;
        if (parameter != SeamcallConstants.NoPage) return Outcome.Invalid(TdxOperandId.R8);
        bool hasOutput = output != SeamcallConstants.NoPage;
        if (hasOutput != (op == SpdmMngOp.DevInfoRecollect)) return Outcome.Invalid(TdxOperandId.R11);
        if (!session.IsConnected) return TdxStatus.SpdmInvalidState;

        Func<DeviceExchange, IEnumerable<byte[]>>? conversation = op switch
        {
            SpdmMngOp.Heartbeat => session.Heartbeat,
            SpdmMngOp.KeyUpdate => session.UpdateKeys,
            SpdmMngOp.DevInfoRecollect => session.Recollect,
            _ => null,
        };
        if (conversation is null) return Outcome.Invalid(TdxOperandId.Rdx);
        var call = new RelayCall($"{nameof(Manage)}.{op}", id.Value, responsePage, requestPage, output);
        Outcome outcome = op == SpdmMngOp.KeyUpdate ? session.Relay.Run(call, conversation, out length) : Run(session, call, conversation, out length);
        return outcome.IsSuccess && hasOutput ? GiveDeviceInfo(session, output, TdxOperandId.R11, out length) : outcome;
    }

    /// <summary>Runs a conversation inside a connected session. A new one doesn't begin with old keys.</summary>
    public Outcome Run(SpdmContext session, RelayCall call, Func<DeviceExchange, IEnumerable<byte[]>> conversation, out ulong length)
    {
        length = 0;
        if (!session.IsConnected) return TdxStatus.SpdmInvalidState;
        if (!session.Relay.IsBusy && session.RecordsSinceUpdate >= options.RecordsPerKey) return TdxStatus.SpdmSessionKeyRequireRefresh;
        return session.Relay.Run(call, conversation, out length);
    }

    private Outcome GiveDeviceInfo(SpdmContext session, ulong target, TdxOperandId operand, out ulong length)
    {
        length = (ulong)session.DeviceInfo.Length;
        return arrays.Fill(target, session.DeviceInfo, operand);
    }
}
