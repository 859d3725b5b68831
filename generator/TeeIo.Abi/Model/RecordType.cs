namespace TeeIo.Abi.Model;

/// <summary>A structure, message or buffer: fields at offsets. <see cref="Size"/> and <see cref="Field.Offset"/> are what the layout engine computed; a stated
/// <c>size:</c> or <c>at:</c> that differs is an error, so a checked model's layout is always both stated and computed. Before that, in a spec as read, they are the stated
/// ones, and −1 where nothing is stated.</summary>
/// <param name="Name">Name in the spec: the C name where there is one.</param>
/// <param name="Packed">Whether fields follow each other without alignment.</param>
/// <param name="Size">Bytes, without a trailing flexible array.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="SizeField">For extensible records: the field that carries the caller's size.</param>
/// <param name="MinSize">For extensible records: the smallest size a server accepts; 0 for fixed records.</param>
/// <param name="Fields">The fields, in file order.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="CName">Name in C where it differs: a tag, or <c>tag.member</c> for one without a name of its own; <c>none</c> where it has none.</param>
public sealed record RecordType(
    string Name, bool Packed, int Size, int Alignment, string? SizeField, int MinSize, EquatableArray<Field> Fields, Provenance Provenance, string? CName = null)
{
    /// <summary>The trailing array of unstated length, if there is one.</summary>
    public Field? Flexible => Fields.Count > 0 && Fields[Fields.Count - 1].Count == 0 ? Fields[Fields.Count - 1] : null;
}
