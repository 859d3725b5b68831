namespace TeeIo.Abi.Tool.Headers;

/// <summary>A macro that is an ioctl's request number.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Request">The number.</param>
/// <param name="Argument">The type that the macro names; null where it names none.</param>
/// <param name="Line">Line in the header.</param>
internal sealed record HeaderCall(string Name, uint Request, string? Argument, int Line);
