using TeeIo.Flow;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Tsm;

/// <summary>A function that is bound to a VM. A new bind makes a new one.</summary>
/// <param name="function">The function.</param>
/// <param name="vm">The VM.</param>
/// <param name="id">The id under which the VM knows it: its guest requester id.</param>
/// <param name="epoch">Number of this bind of the function, from 1; nothing of one epoch is valid in another.</param>
public sealed class Tdi(TsmFunction function, ConfidentialVm vm, uint id, int epoch) : ICrossingHandle, IStatefulHandle
{
    /// <summary>The function.</summary>
    public TsmFunction Function { get; } = function;

    /// <summary>The VM.</summary>
    public ConfidentialVm Vm { get; } = vm;

    /// <summary>The id under which the VM knows it: its guest requester id.</summary>
    public uint Id { get; } = id;

    /// <summary>Number of this bind of the function, from 1.</summary>
    public int Epoch { get; } = epoch;

    /// <summary>Its name in traces, under which it was bound; null where nobody named it.</summary>
    public string? Subject { get; init; }

    /// <summary>The TDISP state that the host's driver last knew it in.</summary>
    public TdiState State { get; private set; }

    /// <summary>Whether its VM owns it.</summary>
    public bool IsBound { get; private set; }

    /// <inheritdoc/>
    TdiState IStatefulHandle.State
    {
        get => State;
        set => State = value;
    }

    /// <inheritdoc/>
    bool IStatefulHandle.IsBound
    {
        get => IsBound;
        set => IsBound = value;
    }

    /// <inheritdoc/>
    public ulong CrossingId => Function.CrossingId;

    /// <inheritdoc/>
    public override string ToString() => $"{Function}#{Epoch}";
}
