using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>A record as C and Rust write it: members one after the other, with what overlaps in unions and what is left out as padding.</summary>
internal static class RecordShape
{
    /// <summary>The members of <paramref name="record"/>. <paramref name="alignmentOf"/> tells how a field's type is aligned where the record isn't packed.</summary>
    public static IReadOnlyList<Member> Of(RecordType record, Func<Field, int> alignmentOf)
    {
        List<FieldMember> fields = Units(record, alignmentOf);
        List<Member> members = [];
        int end = 0;
        foreach (List<FieldMember> cluster in Clusters(fields))
        {
            Member member = cluster.Count == 1 ? cluster[0] : Union(cluster);
            AddPadding(members, ref end, member.Offset, member.Alignment);
            members.Add(member);
            end = member.Offset + member.Size;
        }

        AddPadding(members, ref end, record.Size, Math.Max(1, record.Alignment));
        return members;
    }

    // Fields of bits share the scalar that they lie in.
    private static List<FieldMember> Units(RecordType record, Func<Field, int> alignmentOf)
    {
        List<FieldMember> units = [];
        foreach (Field field in record.Fields)
        {
            int alignment = record.Packed ? 1 : alignmentOf(field);
            if (field.Bits is not null && units.Count > 0 && units[^1].Fields[0].Bits is not null && units[^1].Offset == field.Offset && units[^1].Size == field.Size)
                units[^1] = units[^1] with { Fields = [.. units[^1].Fields, field] };
            else
                units.Add(new FieldMember([field], field.Offset, field.Size, alignment));
        }

        return units;
    }

    private static List<List<FieldMember>> Clusters(List<FieldMember> fields)
    {
        List<List<FieldMember>> clusters = [];
        int end = -1;
        foreach (FieldMember field in fields.OrderBy(f => f.Offset))
        {
            if (clusters.Count == 0 || field.Offset >= end) clusters.Add([]);
            clusters[^1].Add(field);
            end = Math.Max(end, field.Offset + field.Size);
        }

        // Inside a union the arms come as the spec has them.
        return [.. clusters.Select(c => fields.Where(c.Contains).ToList())];
    }

    private static UnionMember Union(List<FieldMember> cluster)
    {
        int start = cluster.Min(f => f.Offset);
        List<List<Member>> arms = [];
        int end = int.MaxValue;
        foreach (FieldMember field in cluster)
        {
            if (field.Offset < end)
            {
                arms.Add([]);
                end = start;
            }

            AddPadding(arms[^1], ref end, field.Offset, field.Alignment);
            arms[^1].Add(field);
            end = field.Offset + field.Size;
        }

        return new UnionMember(arms, start, cluster.Max(f => f.Offset + f.Size) - start, cluster.Max(f => f.Alignment));
    }

    private static void AddPadding(List<Member> members, ref int end, int offset, int alignment)
    {
        int natural = (end + alignment - 1) / alignment * alignment;
        if (natural < offset) members.Add(new PaddingMember(end, offset - end));
        end = offset;
    }
}
