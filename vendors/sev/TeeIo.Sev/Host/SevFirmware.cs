using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>The host's way to AMD's secure processor and to the reverse map table, shared by everything that uses them.</summary>
public sealed class SevFirmware
{
    private readonly Action _writeBackCaches;

    /// <summary>The way to a secure processor, which <see cref="Start"/> sets up.</summary>
    /// <param name="commands">Its mailbox.</param>
    /// <param name="instructions">The host CPU's instructions that change the reverse map table.</param>
    /// <param name="pages">The host's memory.</param>
    /// <param name="locks">The lock order.</param>
    /// <param name="hub">Where the boundaries report.</param>
    /// <param name="writeBackCaches">WBINVD on all CPUs; null where no cache outlives an access.</param>
    public SevFirmware(
        CommandTransport commands, RegisterTransport<RmpRegisters> instructions, IHostPages pages, LockOrder locks, CrossingHub hub, Action? writeBackCaches = null)
    {
        _writeBackCaches = writeBackCaches ?? (static () => { });
        var mailbox = new SerialMailbox(commands, new OrderedLock(locks, MailboxLockClass));
        Snp = new SnpFirmwareClient(mailbox, hub);
        Tio = new TioFirmwareClient(mailbox, hub);
        Memory = pages;
        Rmp = new ReverseMap(new RmpClient(instructions, hub));
        Pages = new FirmwarePages(pages, Snp, Rmp);
    }

    /// <summary>Class of the lock around a command. It is the innermost, because KVM issues commands under its own.</summary>
    public static LockClass MailboxLockClass { get; } = new("sev-cmd", TsmOpsLocks.KvmMmu.Rank + 1);

    internal SnpFirmwareClient Snp { get; }

    internal TioFirmwareClient Tio { get; }

    internal IHostPages Memory { get; }

    internal ReverseMap Rmp { get; }

    internal FirmwarePages Pages { get; }

    /// <summary>What the firmware wants of memory; null before <see cref="Start"/>.</summary>
    internal TioSizes? Sizes { get; private set; }

    /// <summary>Initialises SNP with TIO, and TIO itself.</summary>
    /// <returns>EOPNOTSUPP where the firmware can't do TIO; EBUSY where it is initialised already; EIO where it refuses otherwise, or describes itself in a way that can't be.</returns>
    public SysResult Start()
    {
        if (Sizes is not null) return Errno.EBUSY;
        if (!HasTio()) return Errno.EOPNOTSUPP;
        _writeBackCaches();
        SevRet status = Snp.TryInitEx(new SnpInitEx { Flags = SnpInitFlags.InitRmp | SnpInitFlags.TioEn });
        if (status != SevRet.Success) return ErrnoOfInit(status);
        if (!Flush() || !TryReadStatus(out TioStatus before)) return Errno.EIO;
        if (!before.Flags.HasFlag(TioStatusFlags.TioEn)) return Errno.EOPNOTSUPP;
        if (before.Flags.HasFlag(TioStatusFlags.TioInitDone)) return Errno.EBUSY;
        status = Tio.TryInit(default);
        if (status != SevRet.Success) return ErrnoOfInit(status);
        if (!TryReadStatus(out TioStatus after) || !after.Flags.HasFlag(TioStatusFlags.TioInitDone)) return Errno.EIO;
        Sizes = TioSizes.From(after);
        return Sizes is null ? Errno.EIO : SysResult.Ok;
    }

    /// <summary>Writes back all caches and flushes the data fabric: nothing of an earlier owner of a page or an ASID is in either.</summary>
    internal bool Flush()
    {
        _writeBackCaches();
        return Snp.TryDfFlush() == SevRet.Success;
    }

    private static Errno ErrnoOfInit(SevRet status) => status switch
    {
        SevRet.Unsupported => Errno.EOPNOTSUPP,
        SevRet.InvalidPlatformState => Errno.EBUSY,
        _ => Errno.EIO,
    };

    private bool HasTio()
    {
        byte[] platform = new byte[SnpPlatformStatus.ByteSize];
        if (!Describe(page => Snp.TryPlatformStatus(new SnpPlatformStatusCmd { StatusPaddr = page }), platform)) return false;
        if (!SnpPlatformStatus.TryRead(platform, out SnpPlatformStatus status) || !status.Flags.HasFlag(SnpStatusFlags.FeatureInfo)) return false;
        if ((status.ApiMajor, status.ApiMinor).CompareTo(((byte)SnpFirmwareConstants.TioApiMajor, (byte)SnpFirmwareConstants.TioApiMinor)) < 0) return false;
        byte[] info = new byte[SnpFeatureInfo.ByteSize];
        return Describe(page => Snp.TryFeatureInfo(new SnpFeatureInfoCmd { FeatureInfoPaddr = page }), info)
            && SnpFeatureInfo.TryRead(info, out SnpFeatureInfo features) && features.Ebx.HasFlag(SnpFeatureEbx.SevTio);
    }

    /// <summary>Runs a command that writes a record, before there is a reverse map table: the page stays the host's.</summary>
    private bool Describe(Func<SysPaddrId, SevRet> command, Span<byte> record)
    {
        if (!Pages.TryTake(1, out ulong[] page)) return false;
        SevRet status = command(new SysPaddrId(page[0]));
        Memory.Read(page[0], record);
        Pages.GiveBack(page);
        return status == SevRet.Success;
    }

    private bool TryReadStatus(out TioStatus status)
    {
        byte[] record = new byte[TioStatus.ByteSize];
        SevRet read = Pages.Read(page => Tio.TryStatus(new TioStatusCmd { StatusPaddr = page }), record);
        return TioStatus.TryRead(record, out status) && read == SevRet.Success && status.Length >= TioFirmwareConstants.StatusMinLength
            && !((ReadOnlySpan<byte>)status.Reserved).ContainsAnyExcept((byte)0);
    }
}
