namespace TeeIo.Abi.Tool.Emitting;

/// <summary>Bytes that no field covers.</summary>
/// <param name="Offset">Bytes from the record's start.</param>
/// <param name="Size">Bytes.</param>
internal sealed record PaddingMember(int Offset, int Size) : Member(Offset, Size, 1)
{
    /// <summary>Its name.</summary>
    public string Name => $"__pad_{Offset}";
}
