using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>Executes register calls: an instruction on a real CPU, or a dispatcher of the software platform.</summary>
public abstract class RegisterTransport
{
    /// <summary>Executes the call that <paramref name="registers"/> select, and leaves the results there.</summary>
    /// <param name="call">What the caller means; the registers alone decide on real hardware.</param>
    /// <param name="registers">Selector and arguments in, status and results out.</param>
    public abstract void Call(CallInfo call, ref RegisterFile registers);
}
