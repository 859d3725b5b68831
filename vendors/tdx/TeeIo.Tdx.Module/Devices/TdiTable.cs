using System.Diagnostics.CodeAnalysis;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The host's calls on TDIs and on the tree of their metadata. A leaf page of the tree describes one function, and levels above the leaf take no pages here.</summary>
internal sealed class TdiTable(TdTable tds, SpdmTable sessions, IdeStreamTable streams, IommuTable iommus, PageOwnership pages, PageArray arrays, Random random)
{
    private readonly Dictionary<uint, ulong> _leaves = [];
    private readonly Dictionary<uint, TdiContext> _tdis = [];
    private readonly HashSet<(ulong Tdr, ulong GuestId)> _unbound = [];

    public bool TryGet(uint functionId, [NotNullWhen(true)] out TdiContext? tdi) => _tdis.TryGetValue(functionId, out tdi);

    public bool TryGetByRequester(ushort requesterId, [NotNullWhen(true)] out TdiContext? tdi)
    {
        tdi = _tdis.Values.FirstOrDefault(candidate => candidate.RequesterId == requesterId);
        return tdi is not null;
    }

    /// <summary>Finds a TDI by the name that <paramref name="td"/> has for it. One that was taken away is told from one that never was there.</summary>
    public Outcome Find(Td td, ulong guestId, out TdiContext tdi)
    {
        tdi = _tdis.Values.FirstOrDefault(candidate => candidate.Td == td && candidate.GuestId == guestId)!;
        if (tdi is not null) return Outcome.Success;
        return _unbound.Contains((td.Root, guestId)) ? TdxStatus.TdiInvalidMetadata : TdxStatus.TdiNotPresent;
    }

    public Outcome AddLeaf(byte level, HostFunctionId functionId, ulong page)
    {
        if (level != 0) return Outcome.Invalid(TdxOperandId.Rcx);
        if (_leaves.ContainsKey(functionId.Value)) return TdxStatus.DevifmtAlreadyPresent;
        Outcome taken = pages.Take(page, PageType.DevifMt, PageOwner.Module, TdxOperandId.Rdx);
        if (taken.IsSuccess) _leaves.Add(functionId.Value, page);
        return taken;
    }

    public Outcome RemoveLeaf(byte level, HostFunctionId functionId, out ulong page)
    {
        page = 0;
        if (level != 0) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!_leaves.TryGetValue(functionId.Value, out ulong leaf)) return TdxStatus.TdiNotPresent;
        if (_tdis.ContainsKey(functionId.Value)) return TdxStatus.TdiInvalidState;
        _leaves.Remove(functionId.Value);
        pages.Release(leaf);
        page = leaf;
        return Outcome.Success;
    }

    public Outcome Create(ushort iommuId, byte streamId, HostFunctionId functionId, TdrId tdr, ulong controlPage, ulong guestFunctionId)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rdx, out Td td, TdOpState.Initialized, TdOpState.Runnable);
        if (!found.IsSuccess) return found;
        if (!td.HasConnect) return TdxStatus.ConnectInvalidState;
        if (!iommus.Contains(iommuId)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!_leaves.ContainsKey(functionId.Value)) return TdxStatus.TdiNotPresent;
        if (_tdis.ContainsKey(functionId.Value)) return TdxStatus.TdiInvalidState;
        if (!streams.TryGet(streamId, out IdeStreamContext? stream)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (stream.State == IdeStreamState.Blocked) return TdxStatus.IdeStreamBlocked;
        if (stream.State != IdeStreamState.Enabled) return TdxStatus.IdeStreamNotConfigured;
        if (!stream.Covers((ushort)functionId.Value)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!stream.Session.IsConnected) return TdxStatus.SpdmInvalidState;
        ulong guestId = guestFunctionId == 0 ? functionId.Value : guestFunctionId;
        if (_tdis.Values.Any(tdi => tdi.Td == td && tdi.GuestId == guestId)) return Outcome.Invalid(TdxOperandId.R9);
        Outcome taken = pages.Take(controlPage, PageType.DevifcsR, td.Root, TdxOperandId.R8);
        if (!taken.IsSuccess) return taken;

        _tdis.Add(functionId.Value, new TdiContext(functionId.Value, guestId, td, stream, iommuId, controlPage, random));
        _unbound.Remove((td.Root, guestId));
        stream.TdiCount++;
        td.TdiCount++;
        return Outcome.Success;
    }

    public Outcome Remove(HostFunctionId functionId, out ulong controlPage)
    {
        controlPage = 0;
        if (!TryGet(functionId.Value, out TdiContext? tdi)) return TdxStatus.TdiNotPresent;
        if (!tdi.IsQuiet) return TdxStatus.TdiInvalidState;
        if (tdi.MappedMmio > 0) return TdxStatus.DevifHasMappedMmio;
        if (tdi.HasDmaEntry) return TdxStatus.DevifHasMappedDma;
        _tdis.Remove(functionId.Value);
        _unbound.Add((tdi.Td.Root, tdi.GuestId));
        tdi.Stream.TdiCount--;
        tdi.Td.TdiCount--;
        pages.Release(tdi.ControlPage);
        controlPage = tdi.ControlPage;
        return Outcome.Success;
    }

    public Outcome Bind(HostFunctionId functionId, ulong responsePage, ulong requestPage, ushort lockFlags, out ulong length) =>
        Converse(
            functionId,
            new RelayCall(nameof(Bind), functionId.Value, responsePage, requestPage, lockFlags),
            static tdi => tdi.State == TdiState.ConfigUnlocked ? Outcome.Success : NotInThisState(tdi),
            static (tdi, flags, exchange) => tdi.Lock(exchange, (LockFlags)flags),
            out length);

    /// <summary>Starts a TDI that the TD has authorised. The status of one that it hasn't is our choice: none is public.</summary>
    public Outcome Start(HostFunctionId functionId, ulong responsePage, ulong requestPage, out ulong length) =>
        Converse(
            functionId,
            new RelayCall(nameof(Start), functionId.Value, responsePage, requestPage),
            static tdi => tdi is { State: TdiState.ConfigLocked, IsStartAuthorised: true } ? Outcome.Success : NotInThisState(tdi),
            static (tdi, _, exchange) => tdi.Start(exchange),
            out length);

    /// <summary>Stops a TDI from any state. Where another conversation about it is stuck, the session breaks: blocking the stream is the way out then.</summary>
    public Outcome Stop(HostFunctionId functionId, ulong responsePage, ulong requestPage, out ulong length) =>
        Converse(
            functionId,
            new RelayCall(nameof(Stop), functionId.Value, responsePage, requestPage),
            static _ => Outcome.Success,
            static (tdi, _, exchange) => tdi.Stop(exchange),
            out length);

    public Outcome GetState(HostFunctionId functionId, ulong responsePage, ulong requestPage, out ulong length, out byte state)
    {
        Outcome outcome = Converse(
            functionId,
            new RelayCall(nameof(GetState), functionId.Value, responsePage, requestPage),
            static _ => Outcome.Success,
            static (tdi, _, exchange) => tdi.ReadState(exchange),
            out length);
        state = outcome.IsSuccess && TryGet(functionId.Value, out TdiContext? tdi) ? (byte)tdi.State : (byte)0;
        return outcome;
    }

    public Outcome GetReport(HostFunctionId functionId, ulong responsePage, ulong requestPage, ulong target, out ulong length)
    {
        Outcome outcome = Converse(
            functionId,
            new RelayCall(nameof(GetReport), functionId.Value, responsePage, requestPage, target),
            static tdi => tdi.IsLockedOrRunning ? Outcome.Success : NotInThisState(tdi),
            static (tdi, _, exchange) => tdi.ReadReport(exchange),
            out length);
        if (!outcome.IsSuccess) return outcome;
        ReadOnlySpan<byte> report = _tdis[functionId.Value].Report!.Bytes.Span;
        length = (ulong)report.Length;
        return arrays.Fill(target, report, TdxOperandId.R9);
    }

    private Outcome Converse(
        HostFunctionId functionId, RelayCall call, Func<TdiContext, Outcome> check, Func<TdiContext, ulong, DeviceExchange, IEnumerable<byte[]>> conversation, out ulong length)
    {
        length = 0;
        if (!TryGet(functionId.Value, out TdiContext? tdi)) return TdxStatus.TdiNotPresent;
        SpdmContext session = tdi.Stream.Session;
        if (session.Relay.IsBusyWith(functionId.Value, call))
        {
            if (call.Leaf != nameof(Stop)) return TdxStatus.DevifTdispOutReq;
            session.AbortRelay();
        }

        if (!session.Relay.Awaits(call))
        {
            Outcome allowed = check(tdi);
            if (!allowed.IsSuccess) return allowed;
        }

        return sessions.Run(session, call, exchange => conversation(tdi, call.Operand, exchange), out length);
    }

    private static Outcome NotInThisState(TdiContext tdi) => tdi.State == TdiState.Error ? TdxStatus.DevifTdispErrorState : TdxStatus.TdiInvalidState;
}
