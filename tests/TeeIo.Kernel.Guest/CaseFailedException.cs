namespace TeeIo.Kernel.Guest;

/// <summary>A case's claim isn't true.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);
