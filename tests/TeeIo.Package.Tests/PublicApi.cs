using System.IO.Compression;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Package.Tests;

/// <summary>What a packed library offers, a line each. Of generated types only how many members they have: those are reviewed as code, in the generator's snapshots.</summary>
internal static class PublicApi
{
    private static readonly SymbolDisplayFormat s_format = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance,
        SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeConstantValue,
        SymbolDisplayDelegateStyle.NameAndSignature,
        SymbolDisplayExtensionMethodStyle.StaticMethod,
        SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeDefaultValue,
        SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        SymbolDisplayLocalOptions.None,
        SymbolDisplayKindOptions.IncludeTypeKeyword,
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat s_baseFormat = s_format.WithKindOptions(SymbolDisplayKindOptions.None);

    /// <summary>The library of the package at <paramref name="path"/>, which may use those of the packages <paramref name="others"/>.</summary>
    public static string Of(string path, IEnumerable<string> others)
    {
        IEnumerable<string> framework = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal));
        MetadataReference library = LibraryOf(path)!;
        CSharpCompilation reader = CSharpCompilation.Create(
            "reader", references: [library, .. others.Where(o => o != path).Select(LibraryOf).OfType<MetadataReference>(), .. framework.Select(f => MetadataReference.CreateFromFile(f))]);
        var assembly = (IAssemblySymbol)reader.GetAssemblyOrModuleSymbol(library)!;
        return string.Concat(TypesOf(assembly.GlobalNamespace).OrderBy(t => t.ToDisplayString(), StringComparer.Ordinal).SelectMany(Lines).Select(l => l + "\n"));
    }

    private static PortableExecutableReference? LibraryOf(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        if (archive.Entries.FirstOrDefault(e => e.FullName.StartsWith("lib/", StringComparison.Ordinal) && e.Name.EndsWith(".dll", StringComparison.Ordinal)) is not { } entry) return null;
        using Stream library = entry.Open();
        var bytes = new MemoryStream();
        library.CopyTo(bytes);
        bytes.Position = 0;
        return MetadataReference.CreateFromStream(bytes);
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(m => m switch
    {
        INamespaceSymbol space => TypesOf(space),
        INamedTypeSymbol type when IsOffered(type) => TypesOf(type).Prepend(type),
        _ => [],
    });

    private static bool IsOffered(ISymbol symbol) => symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    private static IEnumerable<string> Lines(INamedTypeSymbol type)
    {
        // What the compiler gives every record is no decision of ours.
        ISymbol[] members = [.. type.GetMembers().Where(m => IsOffered(m) && m is not INamedTypeSymbol && m is not IMethodSymbol { AssociatedSymbol: not null } && !Has(m, "CompilerGeneratedAttribute"))];
        string marks = string.Concat(type.GetAttributes().Where(a => a.AttributeClass!.Name == "ExperimentalAttribute").Select(a => $"[{a.ConstructorArguments[0].Value}] "));
        bool isGenerated = Has(type, "GeneratedCodeAttribute") || (type.ContainingType is { } outer && Has(outer, "GeneratedCodeAttribute"));
        string bases = string.Join(", ", new[] { type.TypeKind == TypeKind.Class && type.BaseType?.SpecialType != SpecialType.System_Object ? type.BaseType : null }.OfType<INamedTypeSymbol>().Concat(type.Interfaces).Select(b => b.ToDisplayString(s_baseFormat)).Order(StringComparer.Ordinal));
        string head = $"{marks}{Modifiers(type)}{type.ToDisplayString(s_format)}{(bases.Length > 0 && type.TypeKind is TypeKind.Class or TypeKind.Struct or TypeKind.Interface ? " : " + bases : "")}";
        if (isGenerated) return [$"generated {head}, {members.Length} members"];
        return members.Select(m => "    " + m.ToDisplayString(s_format)).Order(StringComparer.Ordinal).Prepend(head);
    }

    private static bool Has(ISymbol symbol, string attribute) => symbol.GetAttributes().Any(a => a.AttributeClass!.Name == attribute);

    private static string Modifiers(INamedTypeSymbol type) => type.TypeKind != TypeKind.Class ? "" : type.IsStatic ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
}
