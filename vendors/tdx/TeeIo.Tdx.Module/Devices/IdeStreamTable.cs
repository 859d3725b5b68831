using System.Diagnostics.CodeAnalysis;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The host's calls on IDE streams.</summary>
internal sealed class IdeStreamTable(
    TdxModuleOptions options, SpdmTable sessions, PageOwnership pages, PageArray arrays, FirstTries tries, IRootPortStreams port, Random random)
{
    private readonly SortedDictionary<byte, IdeStreamContext> _streams = [];

    public bool TryGet(ulong id, [NotNullWhen(true)] out IdeStreamContext? stream)
    {
        stream = null;
        return id <= byte.MaxValue && _streams.TryGetValue((byte)id, out stream);
    }

    public Outcome Create(IdeStreamType type, SpdmId spdmId, ulong metadata, ulong control, RidAssociation rids, out StreamId id, out ulong portIndex)
    {
        (id, portIndex) = (default, 0);
        if (!sessions.TryGet(spdmId.Value, out SpdmContext? session)) return TdxStatus.SpdmEntryNotPresent;
        if (!session.IsConnected) return TdxStatus.SpdmInvalidState;
        if (type != IdeStreamType.Selective) return TdxStatus.IdeStreamNotSupported;
        if (control != 0) return Outcome.Invalid(TdxOperandId.R9);
        if (!rids.IsValid) return Outcome.Invalid(TdxOperandId.R11);
        Outcome listed = arrays.Read(metadata, TdxOperandId.R8, out ulong[] hpas);
        if (!listed.IsSuccess) return listed;
        if (hpas.Length != options.IdeStreamPages) return Outcome.Invalid(TdxOperandId.R8);
        if (_streams.Values.Any(stream => stream.Overlaps(rids.First, rids.Last))) return TdxStatus.RidOverlap;
        if (tries.IsFirst(nameof(IdeStreamTable) + nameof(Create), spdmId.Value)) return TdxStatus.InterruptedResumable;

        byte number = 0;
        while (_streams.ContainsKey(number) && number < byte.MaxValue) number++;
        if (_streams.ContainsKey(number) || !port.TryOpen(number, rids.First, rids.Last, out byte index)) return TdxStatus.IdeStreamNotFree;
        Outcome taken = pages.TakeAll(hpas, PageType.IommuMt, PageOwner.Stream(number), TdxOperandId.R8);
        if (!taken.IsSuccess)
        {
            port.Close(number);
            return taken;
        }

        _streams.Add(number, new IdeStreamContext(number, session, hpas, rids.First, rids.Last, port, random));
        session.StreamCount++;
        (id, portIndex) = (new StreamId(number), index);
        return Outcome.Success;
    }

    public Outcome ManageKeys(SpdmId spdmId, StreamId id, IdeKmOp op, ulong responsePage, ulong requestPage, out ulong length)
    {
        length = 0;
        Outcome found = Find(spdmId, id, out IdeStreamContext stream);
        if (!found.IsSuccess) return found;
        if (stream.State == IdeStreamState.Blocked) return TdxStatus.IdeStreamBlocked;
        (IdeStreamState From, Func<DeviceExchange, IEnumerable<byte[]>> Conversation)? step = op switch
        {
            IdeKmOp.Setup => (IdeStreamState.Configured, stream.SetUp),
            IdeKmOp.Refresh => (IdeStreamState.Enabled, stream.Refresh),
            IdeKmOp.Stop => (IdeStreamState.Enabled, stream.Stop),
            _ => null,
        };
        if (step is null) return Outcome.Invalid(TdxOperandId.R8);
        if (stream.State != step.Value.From) return TdxStatus.IdeStreamInvalidState;
        var call = new RelayCall($"{nameof(ManageKeys)}.{op}", id.Value, responsePage, requestPage);
        return sessions.Run(stream.Session, call, step.Value.Conversation, out length);
    }

    /// <summary>Blocks the traffic of a stream at the root port. Needs no word of the device, so it helps against one that doesn't answer.</summary>
    public Outcome Block(SpdmId spdmId, StreamId id)
    {
        Outcome found = Find(spdmId, id, out IdeStreamContext stream);
        if (!found.IsSuccess) return found;
        if (stream.State == IdeStreamState.Blocked) return TdxStatus.IdeStreamBlocked;
        if (tries.IsFirst(nameof(Block), id.Value)) return TdxStatus.InterruptedResumable;
        stream.Block();
        return Outcome.Success;
    }

    public Outcome Delete(SpdmId spdmId, StreamId id, ulong releaseRoot, out ulong released)
    {
        released = 0;
        Outcome found = Find(spdmId, id, out IdeStreamContext stream);
        if (!found.IsSuccess) return found;
        if (stream.State != IdeStreamState.Blocked) return TdxStatus.IdeStreamNotBlocked;
        if (stream.TdiCount > 0) return TdxStatus.IdeStreamHasDeviceInterfaces;
        if (tries.IsFirst(nameof(IdeStreamTable) + nameof(Delete), id.Value)) return TdxStatus.InterruptedResumable;
        Outcome written = arrays.Write(stream.Pages, releaseRoot, TdxOperandId.R8, out released);
        if (!written.IsSuccess) return written;
        stream.Close();
        pages.ReleaseAll(stream.Pages);
        _streams.Remove(stream.Id);
        stream.Session.StreamCount--;
        return Outcome.Success;
    }

    private Outcome Find(SpdmId spdmId, StreamId id, out IdeStreamContext stream)
    {
        stream = null!;
        if (!sessions.TryGet(spdmId.Value, out SpdmContext? session)) return TdxStatus.SpdmEntryNotPresent;
        if (!TryGet(id.Value, out IdeStreamContext? found) || found.Session != session) return Outcome.Invalid(TdxOperandId.Rdx);
        stream = found;
        return Outcome.Success;
    }
}
