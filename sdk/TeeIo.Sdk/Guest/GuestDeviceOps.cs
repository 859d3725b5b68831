using TeeIo.Boundaries;
using TeeIo.Guest.Attestation;
using TeeIo.Linux;
using TeeIo.Tsm;

namespace TeeIo.Guest;

/// <summary>A guest's kernel and its driver: takes a device from shared use to trusted use and back.</summary>
/// <param name="machine">The guest's machine.</param>
/// <param name="tsm">The vendor's guest operations.</param>
/// <param name="policy">Whom to trust.</param>
/// <param name="driver">The device's driver; that of the platform's own device where none is given.</param>
public sealed class GuestDeviceOps(GuestMachine machine, IGuestTsm tsm, IAttestationPolicy policy, IGuestDeviceDriver? driver = null) : IGuestDeviceOps
{
    private const int MaxEvidence = 1 << 16;
    private readonly IGuestDeviceDriver _driver = driver ?? new ModelDeviceDriver(machine);
    private byte _pattern;

    /// <summary>Why the last attestation refused the device; null where it didn't.</summary>
    public AttestationRefusal? Refusal { get; private set; }

    /// <inheritdoc/>
    public SysResult Enumerate(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return _driver.Probe(device) && _driver.Answers(device, isPrivate: false) && _driver.FillAndCheck(device, ++_pattern, isPrivate: false)
            ? SysResult.Ok
            : Errno.ENODEV;
    }

    /// <inheritdoc/>
    public SysResult Connect(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Forget(device);
        return tsm.Lock(device);
    }

    /// <inheritdoc/>
    public SysResult Attest(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Forget(device);
        byte[] buffer = new byte[MaxEvidence];
        SysResult info = tsm.Evidence(device, EvidenceKind.DeviceInfo, buffer);
        if (!info.IsOk) return info;
        byte[] deviceInfo = buffer[..(int)info.Value];
        SysResult report = tsm.Evidence(device, EvidenceKind.InterfaceReport, buffer);
        if (!report.IsOk) return report;
        byte[] interfaceReport = buffer[..(int)report.Value];
        Refusal = DeviceEvidence.Read(deviceInfo, interfaceReport) is { } evidence
            ? policy.Judge(evidence, machine.Time)
            : new AttestationRefusal("evidence", "a certificate chain with measurements behind it", $"{deviceInfo.Length} bytes that aren't");
        if (Refusal is not null) return Errno.EKEYREJECTED;
        device.VerifiedReport = interfaceReport;
        device.IsAttested = true;
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    public SysResult Accept(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!device.IsAttested) return Errno.EPERM;
        SysResult result = tsm.Accept(device);
        device.IsTrusted = result.IsOk;
        return result;
    }

    /// <inheritdoc/>
    public SysResult Work(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.IsTrusted && _driver.Answers(device, isPrivate: true) && _driver.FillAndCheck(device, ++_pattern, isPrivate: true) ? SysResult.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    public SysResult Disconnect(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        SysResult result = tsm.Unlock(device);
        Forget(device);
        return result;
    }

    /// <inheritdoc/>
    public SysResult WorkShared(GuestDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return _driver.Answers(device, isPrivate: false) && _driver.FillAndCheck(device, ++_pattern, isPrivate: false) ? SysResult.Ok : Errno.EIO;
    }

    private void Forget(GuestDevice device)
    {
        device.VerifiedReport = default;
        device.IsAttested = false;
        device.IsTrusted = false;
        Refusal = null;
    }
}
