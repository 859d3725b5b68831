namespace TeeIo.Abi.Tool.Headers;

/// <summary>A header, as C programs include it.</summary>
/// <param name="Root">The folder that is searched.</param>
/// <param name="Include">Its name below that: <c>linux/iommufd.h</c>.</param>
internal sealed record HeaderFile(string Root, string Include)
{
    /// <summary>Where it is.</summary>
    public string Path => System.IO.Path.Combine(Root, Include);

    /// <summary>The header at <paramref name="path"/>, which must be one of <paramref name="known"/>.</summary>
    /// <param name="path">A file.</param>
    /// <param name="known">Names under which headers are included.</param>
    /// <param name="spec">The spec that names them.</param>
    /// <exception cref="ToolException">It isn't there, or is none of them.</exception>
    public static HeaderFile At(string path, IEnumerable<string> known, string spec)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full)) throw new ToolException($"{path} isn't there; name a C header");
        string slashed = full.Replace('\\', '/');
        string include = known.Where(k => slashed.EndsWith("/" + k, StringComparison.Ordinal)).MaxBy(k => k.Length)
            ?? throw new ToolException($"{path} is no header of the spec '{spec}', which knows {string.Join(", ", known.DefaultIfEmpty("none"))}; name it in the spec's 'headers:' as C programs include it");
        return new HeaderFile(full[..^(include.Length + 1)], include);
    }
}
