using System.Text;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Tsm;

/// <content>Evidence by netlink: finds the function by its PCI name and asks the vendor's driver for the object.</content>
public sealed partial class PciTsmCore : IEvidenceNetlink
{
    /// <inheritdoc/>
    public SysResult Read(ReadOnlySpan<byte> deviceName, EvidenceObject type, ReadOnlySpan<byte> nonce, Span<byte> response)
    {
        if (!Enum.IsDefined(type) || deviceName.IsEmpty || nonce.Length > EvidenceConstants.MaxNonceSize) return Errno.EINVAL;
        string name = Encoding.UTF8.GetString(deviceName);
        using LockHold rwsem = _rwsem.AcquireShared();
        if (_functions.Find(f => f.ToString() == name) is not { } function) return Errno.ENODEV;
        if (_evidence is not { } evidence || !function.IsProbed || DsmLock(function.Dsm) is not { } dsm) return Errno.ENXIO;
        using LockHold hold = dsm.Acquire();
        return evidence.RefreshEvidence(function, type, nonce, response);
    }
}
