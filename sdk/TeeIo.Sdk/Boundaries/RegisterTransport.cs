namespace TeeIo.Boundaries;

/// <summary>Executes calls in the general-purpose registers: an instruction on a real CPU, or a dispatcher of the software platform.</summary>
public abstract class RegisterTransport : RegisterTransport<RegisterFile>;
