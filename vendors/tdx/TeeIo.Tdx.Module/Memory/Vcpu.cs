namespace TeeIo.Tdx.Module.Memory;

/// <summary>A virtual CPU of a TD.</summary>
internal sealed class Vcpu
{
    /// <summary>Whether TDH.VP.INIT has run.</summary>
    public bool IsInitialised { get; private set; }

    /// <summary>Whether a logical processor may hold its state. TDH.VP.ENTER, which associates it on silicon, isn't part of the model: initialising does.</summary>
    public bool IsAssociated { get; private set; }

    public void Initialise() => IsInitialised = IsAssociated = true;

    public void Flush() => IsAssociated = false;
}
