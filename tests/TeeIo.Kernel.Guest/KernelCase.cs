namespace TeeIo.Kernel.Guest;

/// <summary>One thing that must be true of the real kernel through the generated bindings.</summary>
/// <param name="Name">The fact.</param>
/// <param name="Run">Shows it, or throws.</param>
public sealed record KernelCase(string Name, Action Run);
