using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.IdeAssociation;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Host;

/// <summary>The SPDM session with a DSM and the IDE stream that its TDIs share. The caller holds the extension lock.</summary>
internal sealed class TdxConnection
{
    private readonly TdxSeam _seam;
    private readonly SpdmRelay _relay;
    private PageArray? _sessionPages;
    private PageArray? _streamPages;
    private bool _hasSession;
    private bool _hasStream;
    private bool _isBlocked;

    private TdxConnection(TdxSeam seam, SpdmRelay relay)
    {
        _seam = seam;
        _relay = relay;
    }

    /// <summary>The session.</summary>
    public SpdmId Spdm { get; private set; }

    /// <summary>The stream.</summary>
    public StreamId Stream { get; private set; }

    /// <summary>What the module found out about the device when it connected.</summary>
    public DeviceInformation Information { get; private set; } = new([], []);

    /// <summary>Connects; what was made is gone again where a step fails.</summary>
    public static SysResult Open(TdxSeam seam, IPciTopology topology, TsmFunction function, SpdmRelay relay, out TdxConnection? connection)
    {
        var candidate = new TdxConnection(seam, relay);
        SysResult result = candidate.OpenSession(function);
        if (result.IsOk) result = candidate.OpenStream(topology, function);
        if (!result.IsOk) candidate.Close();
        connection = result.IsOk ? candidate : null;
        return result;
    }

    /// <summary>Ends the stream and then the session. A device that no longer answers keeps neither alive: a failed farewell is reported, and the teardown goes on.</summary>
    public SysResult Close()
    {
        bool streamEnded = EndStream();
        bool sessionEnded = EndSession();
        return streamEnded && sessionEnded ? SysResult.Ok : Errno.EIO;
    }

    /// <summary>Blocks the stream at the root port, which needs no word of the device: nothing trusted passes any more, in either direction.</summary>
    public bool Block()
    {
        if (_isBlocked || !_hasStream) return true;
        StatusWord status;
        var retry = new Retry();
        do status = _seam.Calls.TryIdeStreamBlock(Spdm, Stream);
        while (retry.Again(status));
        _isBlocked = status.IsSuccess || status.Status == TdxStatus.IdeStreamBlocked;
        return _isBlocked;
    }

    /// <summary>Gives the stream new keys.</summary>
    public SysResult RefreshKeys() => ManageKeys(IdeKmOp.Refresh).Result;

    private SysResult OpenSession(TsmFunction function)
    {
        if (!_seam.TryReadPageCount(SeamcallConstants.SpdmMtPageCount, out int pages) || !_seam.TryReadPageCount(SeamcallConstants.SpdmMaxDevInfoPages, out int infoPages)) return Errno.EIO;
        _sessionPages = PageArray.Take(_seam, pages);
        if (_sessionPages is null) return Errno.ENOSPC;
        StatusWord status;
        SpdmId spdm;
        var retry = new Retry();
        do status = _seam.Calls.TrySpdmCreate(FunctionIds.OfHost(function.Address), _sessionPages.Word, out spdm);
        while (retry.Again(status));
        if (!status.IsSuccess) return status.Status == TdxStatus.SpdmEntryAlreadyPresent ? Errno.EBUSY : Errno.EIO;
        (Spdm, _hasSession) = (spdm, true);
        return Authenticate(infoPages);
    }

    private SysResult Authenticate(int infoPages)
    {
        if (!TryMakeConfiguration(out ulong configuration)) return Errno.ENOSPC;
        if (PageArray.Take(_seam, infoPages) is not { } info)
        {
            _seam.Pages.GiveBack([configuration]);
            return Errno.ENOSPC;
        }

        ulong word = info.Word;
        RelayOutcome outcome = _relay.Run(
            Spdm, (out ulong length) => _seam.Calls.TrySpdmConnect(Spdm, configuration, _relay.ResponsePage, _relay.RequestPage, word, out length));
        bool fits = outcome.Length <= (ulong)infoPages * SeamcallConstants.PageSize;
        DeviceInformation? found = outcome.IsOk && fits ? DeviceInformation.Read(info.Read((int)outcome.Length)) : null;
        info.GiveBack();
        _seam.Pages.GiveBack([configuration]);
        if (!outcome.IsOk) return outcome.Result;
        if (found is null) return Errno.EIO;
        Information = found;
        return outcome.Result;
    }

    private bool TryMakeConfiguration(out ulong page)
    {
        page = _seam.Memory.Allocate();
        if (page == 0) return false;
        byte[] bytes = new byte[SpdmConfigInfoT.ByteSize];
        new SpdmConfigInfoT { CertificateSlotMask = byte.MaxValue }.Write(bytes);
        _seam.Memory.Write(page, bytes);
        return true;
    }

    private SysResult OpenStream(IPciTopology topology, TsmFunction function)
    {
        if (!_seam.TryReadPageCount(SeamcallConstants.IdeMtPageCount, out int pages)) return Errno.EIO;
        _streamPages = PageArray.Take(_seam, pages);
        if (_streamPages is null) return Errno.ENOSPC;
        ulong first = RegisterBoundary.Pack(new IdeRidAssociation1 { RidLimit = topology.LastRequesterId(function.Address) });
        ulong second = RegisterBoundary.Pack(new IdeRidAssociation2 { Valid = 1, RidBase = function.Address.RequesterId, Segment = (byte)function.Address.Segment });
        StatusWord status;
        StreamId stream;
        var retry = new Retry();
        do
        {
            status = _seam.Calls.TryIdeStreamCreate(
                topology.RootPortOf(function.Address), IdeStreamType.Selective, Spdm, _streamPages.Word, control: 0, first, second, 0, 0, 0, out stream, out _);
        }
        while (retry.Again(status));
        if (!status.IsSuccess) return status.Status == TdxStatus.IdeStreamNotFree ? Errno.ENOSPC : Errno.EIO;
        (Stream, _hasStream) = (stream, true);
        return ManageKeys(IdeKmOp.Setup).Result;
    }

    private RelayOutcome ManageKeys(IdeKmOp op) =>
        _relay.Run(Spdm, (out ulong length) => _seam.Calls.TryIdeStreamKm(Spdm, Stream, op, _relay.ResponsePage, _relay.RequestPage, out length));

    private bool EndStream()
    {
        if (_streamPages is not { } pages) return true;
        _streamPages = null;
        if (!_hasStream)
        {
            pages.GiveBack();
            return true;
        }

        // The module has no keys to stop on a stream that it blocked before.
        bool stopped = _isBlocked || ManageKeys(IdeKmOp.Stop).IsOk;
        if (Block())
        {
            StatusWord status;
            ulong released;
            var retry = new Retry();
            do status = _seam.Calls.TryIdeStreamDelete(Spdm, Stream, pages.Root, out released);
            while (retry.Again(status));
            if (status.IsSuccess) return pages.Return(released, "an IDE stream") && stopped;
        }

        pages.Quarantine("the module did not delete the IDE stream");
        return false;
    }

    private bool EndSession()
    {
        if (_sessionPages is not { } pages) return true;
        _sessionPages = null;
        if (!_hasSession)
        {
            pages.GiveBack();
            return true;
        }

        bool ended = _relay.Run(
            Spdm, (out ulong length) => _seam.Calls.TrySpdmDisconnect(Spdm, _relay.ResponsePage, _relay.RequestPage, out length)).IsOk;
        StatusWord status;
        ulong released;
        var retry = new Retry();
        do status = _seam.Calls.TrySpdmDelete(Spdm, pages.Root, out released);
        while (retry.Again(status));
        if (status.IsSuccess) return pages.Return(released, "an SPDM session") && ended;
        pages.Quarantine("the module did not delete the SPDM session");
        return false;
    }
}
