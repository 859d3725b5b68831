using System.Diagnostics.CodeAnalysis;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>The devices that have a context.</summary>
internal sealed class DeviceTable(
    AmdSpOptions options, PhysicalMemory memory, FirmwarePages pages, ScatterLists lists, ReverseMap rmp, Func<uint, ISpdmRequester> requesters, IRootPortStreams port, Random random)
{
    private readonly SortedDictionary<ulong, DeviceContext> _devices = [];

    public int Count => _devices.Count;

    public IEnumerable<TdiContext> Tdis => _devices.Values.SelectMany(device => device.Tdis);

    public IEnumerable<TdiContext> BoundTo(GuestContext guest) => Tdis.Where(tdi => tdi.Guest == guest);

    public bool TryGet(DevCtxId id, [NotNullWhen(true)] out DeviceContext? device) => _devices.TryGetValue(pages.Physical(id.Value), out device);

    /// <summary>Whether a stream below a root port belongs to a device already.</summary>
    public bool HasStream(ushort rootPort, byte streamId) => _devices.Values.Any(device => device.RootPortId == rootPort && device.StreamId == streamId);

    /// <summary>Finds a device and a TDI of it.</summary>
    public SevRet Find(DevCtxId id, TdiCtxId tdiId, out TdiContext tdi)
    {
        tdi = null!;
        if (!TryGet(id, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        ulong wanted = pages.Physical(tdiId.Value);
        tdi = device.Tdis.Find(candidate => candidate.Id == wanted)!;
        return tdi is null ? SevRet.InvalidTdiCtx : SevRet.Success;
    }

    public SevRet Create(in TioDevCreate argument)
    {
        TioDevCreate wanted = argument;
        if (_devices.Values.Any(device => device.DeviceId == wanted.DeviceId && device.SegmentId == wanted.SegmentId)) return SevRet.InUse;
        SevRet status = lists.ReadFirmware(wanted.DevCtxSla, options.DeviceContextSize, out ulong[] context);
        if (status != SevRet.Success) return status;
        rmp.Use(context, PageUse.DeviceContext);
        ulong id = pages.Physical(wanted.DevCtxSla.Value);
        uint function = wanted.DeviceId | ((uint)wanted.SegmentId << 16);
        _devices[id] = new DeviceContext(id, context, wanted, requesters(function), new Bounce(memory, pages, lists, options), port, random);
        return SevRet.Success;
    }

    /// <summary>Ends a device's context. One whose connecting is stuck is given up.</summary>
    public SevRet Reclaim(DevCtxId id)
    {
        if (!TryGet(id, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        if (device.State == DeviceState.Connected) return SevRet.InvalidDevState;
        if (device.Tdis.Count > 0) return SevRet.InUse;
        device.AbortBounce();
        device.Disconnect();
        rmp.Use(device.Pages, PageUse.Free);
        _devices.Remove(device.Id);
        return SevRet.Success;
    }

    public SevRet Status(in TioDevStatusCmd argument)
    {
        if (!TryGet(argument.DevCtxSla, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        SevRet status = pages.CheckOutput(argument.StatusPaddr, TioDevStatus.ByteSize);
        if (status != SevRet.Success) return status;
        bool hasDigest = device.State == DeviceState.Connected;
        var result = new TioDevStatus
        {
            Length = TioDevStatus.ByteSize,
            CtxState = (byte)device.State,
            DeviceId = device.DeviceId,
            SegmentId = device.SegmentId,
            TcMask = (byte)(hasDigest ? 1 : 0),
            P2Flags = hasDigest ? DevStatusFlags.MeasDigestValid : DevStatusFlags.None,
            TdiCount = (uint)device.Tdis.Count,
            BoundTdiCount = (uint)device.BoundTdis.Count(),
            Algos = hasDigest ? device.Algorithms : default,
        };
        ((Span<byte>)result.IdeStreamId).Fill(TioFirmwareConstants.IdeStreamUnused);
        result.IdeStreamId[0] = device.StreamId;
        if (device.Bounce.Pending is { } pending)
        {
            result.P1Flags = pending.Tdi is null ? DevPendingFlags.RequestPending : DevPendingFlags.RequestPendingTdi;
            result.RequestPendingCommand = (ushort)pending.Command;
            result.RequestPendingInterfaceId = pending.Tdi?.InterfaceId ?? default;
        }

        device.CertificatesDigest.CopyTo((Span<byte>)result.CertsDigest);
        device.MeasurementsDigest.CopyTo((Span<byte>)result.MeasDigest);
        Span<byte> bytes = stackalloc byte[TioDevStatus.ByteSize];
        result.Write(bytes);
        pages.Give(argument.StatusPaddr, bytes);
        return SevRet.Success;
    }
}
