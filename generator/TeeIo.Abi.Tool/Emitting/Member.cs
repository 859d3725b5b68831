namespace TeeIo.Abi.Tool.Emitting;

/// <summary>A member of a record.</summary>
/// <param name="Offset">Bytes from the record's start.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes; 1 in packed records.</param>
internal abstract record Member(int Offset, int Size, int Alignment);
