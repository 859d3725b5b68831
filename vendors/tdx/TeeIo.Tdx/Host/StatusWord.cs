using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Host;

/// <summary>A status word of the module: a status, and in its lower half details that don't decide anything here.</summary>
/// <param name="Raw">The word.</param>
internal readonly record struct StatusWord(ulong Raw)
{
    /// <summary>The status without its details.</summary>
    public TdxStatus Status => (TdxStatus)(Raw & TdxStatusConstants.StatusMask);

    /// <summary>Whether the call did its work, perhaps with something to say about it: the wanted state may have existed before.</summary>
    public bool IsSuccess => (Raw & TdxStatusConstants.ErrorBit) == 0;

    /// <summary>Whether to make the call again with the same operands.</summary>
    public bool IsTransient => Status is TdxStatus.InterruptedResumable or TdxStatus.InterruptedRestartable or TdxStatus.OperandBusy or TdxStatus.OperandBusyHostPriority
        or TdxStatus.PreviousTlbEpochBusy or TdxStatus.SysBusy or TdxStatus.RndNoEntropy or TdxStatus.KeyGenerationFailed or TdxStatus.IommuIqQueueFull;

    public static implicit operator StatusWord(ulong raw) => new(raw);
}
