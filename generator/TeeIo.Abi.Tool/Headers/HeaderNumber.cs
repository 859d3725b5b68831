namespace TeeIo.Abi.Tool.Headers;

/// <summary>A named number of a header: a macro or a value of an enumeration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; a negative one in two's complement.</param>
/// <param name="Line">Line in the header.</param>
internal sealed record HeaderNumber(string Name, ulong Value, int Line);
