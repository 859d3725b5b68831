using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>Executes register calls.</summary>
/// <typeparam name="TRegisters">The registers: the CPU's general ones, or those that an interface declares itself.</typeparam>
public abstract class RegisterTransport<TRegisters>
    where TRegisters : unmanaged
{
    /// <summary>Executes the call that <paramref name="registers"/> select, and leaves the results there.</summary>
    /// <param name="call">What the caller means; the registers alone decide on real hardware, or the instruction where each call is one.</param>
    /// <param name="registers">Selector and arguments in, status and results out.</param>
    public abstract void Call(CallInfo call, ref TRegisters registers);
}
