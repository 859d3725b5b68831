using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>A folder of C headers as a set of specs, one for each header, under the names that C has. The repository's specs say only which headers count and which records are versioned by
/// their size; all numbers are the headers'.</summary>
internal static class HeaderSource
{
    /// <summary>Whether <paramref name="folder"/> has one of the headers that <paramref name="specs"/> name.</summary>
    public static bool IsOne(string folder, SpecFolder specs) => Includes(specs).Any(i => File.Exists(Path.Combine(folder, i)));

    /// <summary>The headers of <paramref name="folder"/> that <paramref name="specs"/> name.</summary>
    /// <exception cref="ToolException">A header can't be read.</exception>
    public static AbiSet Load(string folder, SpecFolder specs, HeaderReader reader)
    {
        string root = Path.GetFullPath(folder);
        return new AbiSet(new(Includes(specs).Where(i => File.Exists(Path.Combine(root, i))).Select(i => Spec(reader.Read(new HeaderFile(root, i)), specs))), default, default);
    }

    private static IEnumerable<string> Includes(SpecFolder specs) => specs.Set.Specs.SelectMany(s => s.Headers).Distinct().Order(StringComparer.Ordinal);

    private static AbiSpec Spec(HeaderContent header, SpecFolder specs)
    {
        Provenance provenance = new("", header.File.Path, AbiStatus.Upstream, null);
        RecordType[] described = [.. specs.Set.Specs.Where(s => s.Headers.Contains(header.File.Include)).SelectMany(s => s.Records)];

        // Values without a common name are compared one by one.
        IEnumerable<HeaderNumber> loose = header.Macros.Concat(header.Enums.Where(e => e.Tag is null).SelectMany(e => e.Values));
        return new AbiSpec(
            header.File.Include, AbiKind.Ioctl, "", provenance, null, default, default, null, new Framing(),
            new(loose.Select(n => new Constant(n.Name, n.Value, provenance))),
            default,
            new(header.Enums.Where(e => e.Tag is not null).Select(e => Enum(e, provenance))),
            new(header.Records.DistinctBy(r => r.Name).Select(r => Record(r, described.FirstOrDefault(d => (d.CName ?? d.Name) == r.Name), provenance))),
            default, default, default, default,
            new(header.Calls.Select(c => Call(c, header, provenance))),
            null);
    }

    private static EnumType Enum(HeaderEnum type, Provenance provenance) =>
        new(type.Tag!, type.Tag, "u32", false, "", true, new(type.Values.Select(v => new EnumValue(v.Name, v.Value, default, provenance))), provenance);

    private static RecordType Record(HeaderRecord record, RecordType? described, Provenance provenance) => new(
        record.Name, record.IsPacked, record.Size, 1, described?.SizeField, described?.MinSize ?? 0, new(record.Members.Select(m => Field(m, described, provenance))), provenance);

    private static Field Field(HeaderMember member, RecordType? described, Provenance provenance)
    {
        FieldRole role = described?.Fields.FirstOrDefault(f => (f.CName ?? f.Name) == member.Name)?.Role ?? CTypes.RoleOf(member.Name);
        return new Field(member.Name, member.Type, member.Count, member.Offset, member.Size, null, member.Bits, role, Direction.In, 0, null, null, null, null, provenance);
    }

    // The whole request number counts: two calls may share the command's number and differ in direction or size.
    private static Call Call(HeaderCall call, HeaderContent header, Provenance provenance) => new(
        call.Name, call.Name, call.Request, false, 0, null, "", "", call.Request, 0, null, default, null, header.ArgumentOf(call), null, default, default, CallReturn.Nothing, default, null, null, provenance);
}
