using System.Security.Cryptography;
using TeeIo.Guest;

namespace TeeIo.Sev.Guest;

/// <summary>One of the guest's keys for messages to the firmware (VMPCK), as the secrets page has it, with the sequence number beside it. A key that may have been misused is wiped and never used again:
/// a second message under one number would give the key stream away.</summary>
internal sealed class VmPlatformKey
{
    private readonly GuestMachine _machine;

    private VmPlatformKey(GuestMachine machine, byte index) => (_machine, Index) = (machine, index);

    /// <summary>Which key it is.</summary>
    public byte Index { get; }

    /// <summary>The key of a virtual CPU: each has its own, so that their sequence numbers don't meet.</summary>
    /// <returns>Null for a CPU beyond the number of keys.</returns>
    public static VmPlatformKey? Of(GuestMachine machine) => machine.Index < SnpGuestConstants.Vmpcks ? new VmPlatformKey(machine, (byte)machine.Index) : null;

    /// <summary>Begins an exchange.</summary>
    /// <param name="key">Receives the key.</param>
    /// <param name="sequence">The number for the request.</param>
    /// <returns>False where the key is wiped, its numbers are used up, or the page can't be read.</returns>
    public bool TryBegin(Span<byte> key, out ulong sequence)
    {
        sequence = 0;
        Span<byte> page = stackalloc byte[SnpSecretsPage.ByteSize];
        if (!TryRead(page, out SnpSecretsPage secrets)) return false;
        KeyOf(ref secrets).CopyTo(key);
        uint last = SequenceOf(ref secrets);
        CryptographicOperations.ZeroMemory(page);
        sequence = (ulong)last + 1;
        return last < uint.MaxValue - SnpGuestConstants.SeqnoStep && key.ContainsAnyExcept((byte)0);
    }

    /// <summary>Ends an exchange in which request and response have used up a number each.</summary>
    public bool End() => Change((ref SnpSecretsPage secrets) => SequenceOf(ref secrets) += SnpGuestConstants.SeqnoStep);

    /// <summary>Wipes the key.</summary>
    public void Burn() => Change((ref SnpSecretsPage secrets) => KeyOf(ref secrets).Clear());

    private delegate void SecretsChange(ref SnpSecretsPage secrets);

    private bool Change(SecretsChange change)
    {
        Span<byte> page = stackalloc byte[SnpSecretsPage.ByteSize];
        if (!TryRead(page, out SnpSecretsPage secrets)) return false;
        change(ref secrets);
        secrets.Write(page);
        bool isWritten = _machine.TryWrite(SnpGuestConstants.SecretsGpa, page, isPrivate: true);
        CryptographicOperations.ZeroMemory(page);
        return isWritten;
    }

    private bool TryRead(Span<byte> page, out SnpSecretsPage secrets)
    {
        secrets = default;
        return _machine.TryRead(SnpGuestConstants.SecretsGpa, page, isPrivate: true) && SnpSecretsPage.TryRead(page, out secrets);
    }

    private Span<byte> KeyOf(ref SnpSecretsPage secrets)
    {
        switch (Index)
        {
            case 0: return secrets.Vmpck0;
            case 1: return secrets.Vmpck1;
            case 2: return secrets.Vmpck2;
            default: return secrets.Vmpck3;
        }
    }

    private ref uint SequenceOf(ref SnpSecretsPage secrets)
    {
        switch (Index)
        {
            case 0: return ref secrets.MsgSeqno0;
            case 1: return ref secrets.MsgSeqno1;
            case 2: return ref secrets.MsgSeqno2;
            default: return ref secrets.MsgSeqno3;
        }
    }
}
