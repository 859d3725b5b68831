namespace TeeIo.Abi.Tool.Checking;

/// <summary>One number of a spec that a C header states as well.</summary>
/// <param name="CName">What it is in C: <c>sizeof(struct iommu_ioas_map)</c>.</param>
/// <param name="Expression">A C expression with its value.</param>
/// <param name="Expected">The spec's value; for the size of a record that grew, that of the newest version.</param>
/// <param name="Owner">The fact without which this one can't be there: the size of a field's record; null where there is none.</param>
/// <param name="Since">First kernel version that has it by the spec, or null where the spec doesn't say.</param>
/// <param name="Until">First kernel version that has it no longer, or null.</param>
/// <param name="Earlier">For the size of a record that grew: its size before a version, the oldest first.</param>
/// <param name="Path">File of the spec.</param>
/// <param name="Line">Line in it.</param>
/// <param name="Place">Where in it: <c>structs</c>, the struct, <c>fields</c>, the field.</param>
internal sealed record HeaderFact(
    string CName, string Expression, ulong Expected, string? Owner, string? Since, string? Until, IReadOnlyList<(Version Before, ulong Size)> Earlier, string Path, int Line,
    IReadOnlyList<string> Place)
{
    /// <summary>The spec's value for kernel <paramref name="version"/>; the newest where that is null.</summary>
    public ulong ExpectedIn(Version? version)
    {
        if (version is null) return Expected;
        foreach ((Version before, ulong size) in Earlier)
        {
            if (version < before) return size;
        }

        return Expected;
    }
}
