using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>A kernel profile's name and the id under which the compiler warns of it.</summary>
internal static class ProfileModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        if (context.Spec is not { Kind: AbiKind.Ioctl, Profile: { } profile }) return null;
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["doc"] = Docs.OfSpec($"The profile {profile}.", context.Spec),
            ["class"] = ClassName(context),
            ["name"] = Literal.Text(profile),
            ["id"] = Literal.Text(IdOf(profile)),
        };
    }

    /// <summary>The attribute on what a user of the profile starts from, or null: what is upstream, or in no profile, needs none.</summary>
    public static string? Experimental(EmitContext context)
    {
        if (context.Spec is not { Kind: AbiKind.Ioctl, Profile: not null } || context.Spec.Provenance.Status == AbiStatus.Upstream) return null;
        context.Use("System.Diagnostics.CodeAnalysis");
        return $"[Experimental({ClassName(context)}.ExperimentalId)]";
    }

    private static string ClassName(EmitContext context) => context.Stem + "Profile";

    private static string IdOf(string profile) => "TEEIO_" + new string(profile.Select(c => char.IsLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_').ToArray());
}
