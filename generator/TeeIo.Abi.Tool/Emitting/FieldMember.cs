using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>A field, or the scalar that several fields of bits share.</summary>
/// <param name="Fields">The fields.</param>
/// <param name="Offset">Bytes from the record's start.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes; 1 in packed records.</param>
internal sealed record FieldMember(IReadOnlyList<Field> Fields, int Offset, int Size, int Alignment) : Member(Offset, Size, Alignment)
{
    /// <summary>Its name: the field's, or that of the scalar.</summary>
    public string Name => Fields[0].Bits is null ? Fields[0].Name : $"bits_{Offset}";
}
