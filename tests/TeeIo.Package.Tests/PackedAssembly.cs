using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace TeeIo.Package.Tests;

/// <summary>Reads what an assembly says of its origin, without loading it.</summary>
internal static class PackedAssembly
{
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    /// <summary>The informational version: version and commit.</summary>
    public static string? VersionOf(byte[] assembly)
    {
        using var file = new PEReader(ImmutableArray.Create(assembly));
        MetadataReader metadata = file.GetMetadataReader();
        foreach (CustomAttribute attribute in metadata.GetAssemblyDefinition().GetCustomAttributes().Select(metadata.GetCustomAttribute))
        {
            if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
            EntityHandle type = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
            if (type.Kind != HandleKind.TypeReference || metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) != nameof(AssemblyInformationalVersionAttribute)) continue;
            BlobReader value = metadata.GetBlobReader(attribute.Value);
            value.ReadUInt16();
            return value.ReadSerializedString();
        }

        return null;
    }

    /// <summary>The assemblies that it refers to.</summary>
    public static IReadOnlyList<AssemblyName> ReferencesOf(byte[] assembly)
    {
        using var file = new PEReader(ImmutableArray.Create(assembly));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(r => metadata.GetAssemblyReference(r).GetAssemblyName())];
    }

    /// <summary>Where its embedded debug information says that its sources are, as SourceLink's JSON; null where it says nothing.</summary>
    public static string? SourceLinkOf(byte[] assembly)
    {
        using var file = new PEReader(ImmutableArray.Create(assembly));
        DebugDirectoryEntry embedded = file.ReadDebugDirectory().Single(d => d.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using MetadataReaderProvider provider = file.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        MetadataReader symbols = provider.GetMetadataReader();
        return symbols.CustomDebugInformation.Select(symbols.GetCustomDebugInformation).Where(c => symbols.GetGuid(c.Kind) == s_sourceLink)
            .Select(c => Encoding.UTF8.GetString(symbols.GetBlobBytes(c.Value))).SingleOrDefault();
    }
}
