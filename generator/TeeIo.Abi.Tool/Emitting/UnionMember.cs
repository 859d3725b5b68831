namespace TeeIo.Abi.Tool.Emitting;

/// <summary>Fields that overlap.</summary>
/// <param name="Arms">The views, each a run of members.</param>
/// <param name="Offset">Bytes from the record's start.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes; 1 in packed records.</param>
internal sealed record UnionMember(IReadOnlyList<IReadOnlyList<Member>> Arms, int Offset, int Size, int Alignment) : Member(Offset, Size, Alignment);
