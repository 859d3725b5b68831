using TeeIo.Flow;
using TeeIo.Pci;

namespace TeeIo.Tsm;

/// <summary>A PCI function as the TSM core knows it: where it is, whose device security manager (DSM) speaks for it, and what it is bound to.</summary>
public sealed class TsmFunction : ICrossingHandle
{
    /// <summary>A function.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="dsm">The physical function with the DSM, or null where that is this function itself.</param>
    /// <param name="mailbox">The DSM's mailbox; null for functions without one.</param>
    public TsmFunction(PciAddress address, TsmFunction? dsm, IDoeMailbox? mailbox)
    {
        Address = address;
        Dsm = dsm ?? this;
        Mailbox = mailbox;
    }

    /// <summary>Where it is.</summary>
    public PciAddress Address { get; }

    /// <summary>The function whose DSM speaks for this one; itself for a physical function with a DSM.</summary>
    public TsmFunction Dsm { get; }

    /// <summary>Its own DOE mailbox, or null.</summary>
    public IDoeMailbox? Mailbox { get; }

    /// <summary>Whether it is the function with the DSM.</summary>
    public bool IsDsm => ReferenceEquals(Dsm, this);

    /// <summary>Whether a driver's probe accepted it.</summary>
    public bool IsProbed { get; internal set; }

    /// <summary>For a DSM: whether its SPDM session and IDE stream are up.</summary>
    public bool IsConnected { get; internal set; }

    /// <summary>What it is bound to, or null.</summary>
    public Tdi? Tdi { get; internal set; }

    /// <summary>Whether it couldn't be unbound: it stays bound and out of use until another try succeeds, since firmware may still own it.</summary>
    public bool IsQuarantined { get; internal set; }

    /// <summary>Whether the device may still have it locked though no VM owns it. A driver says so that took a TDI away without a word of the device; whoever uses the function resets
    /// it before its memory is shared again.</summary>
    public bool NeedsReset { get; set; }

    /// <inheritdoc/>
    public ulong CrossingId => Address.RequesterId;

    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}
