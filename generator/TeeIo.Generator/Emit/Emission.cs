using System;
using Scriban.Runtime;

namespace TeeIo.Generator.Emit;

/// <summary>A group of generated types: one file for each spec that has any of them.</summary>
/// <param name="Group">Name of the group; part of the file's name.</param>
/// <param name="Template">The template that writes it.</param>
/// <param name="Build">Makes the template's model, or null where a spec has none of the types.</param>
internal sealed record Emission(string Group, string Template, Func<EmitContext, ScriptObject?> Build);
