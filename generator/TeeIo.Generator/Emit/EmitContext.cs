using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>What the builders of one file need: the spec, the types that it sees, and the namespaces that the file uses.</summary>
internal sealed class EmitContext
{
    private readonly SortedSet<string> _usings = new(StringComparer.Ordinal) { "System.CodeDom.Compiler" };
    private readonly SymbolTable _visible;

    public EmitContext(AbiSpec spec, EmitInput input, TypeTable types)
    {
        Spec = spec;
        Stem = CSharpNames.Type(spec.Name);
        Extended = input.Extended;
        _visible = input.Visible;
        Types = types;
    }

    /// <summary>The spec.</summary>
    public AbiSpec Spec { get; }

    /// <summary>The spec's name in C#, which starts the names of its files and of what it has once.</summary>
    public string Stem { get; }

    /// <summary>For flows: those that it extends, the nearest first.</summary>
    public EquatableArray<AbiSpec> Extended { get; }

    /// <summary>The types that the spec sees.</summary>
    public TypeTable Types { get; }

    /// <summary>The file's namespaces, System's first.</summary>
    public IEnumerable<string> Usings => _usings.Where(u => u != Spec.Namespace).OrderBy(u => u.StartsWith("System", StringComparison.Ordinal) ? 0 : 1);

    /// <summary>Lets the file use <paramref name="namespaces"/>.</summary>
    public void Use(params string[] namespaces) => _usings.UnionWith(namespaces);

    /// <summary>C#'s name for the type <paramref name="name"/>, whose namespace the file uses from now on.</summary>
    public string TypeName(string name)
    {
        if (name == "fd")
        {
            Use("TeeIo.Boundaries");
            return "Fd";
        }

        if (ScalarTypes.CSharpName(name) is { } scalar) return scalar;
        TypeInfo type = Types[name];
        if (type.Kind == TypeKind.Handle) return HandleName(type.CSharpName);
        if (Types.IsAmbiguous(type)) return $"global::{type.Namespace}.{type.CSharpName}";
        Use(type.Namespace);
        return type.CSharpName;
    }

    /// <summary>The class name of the ops interface <paramref name="name"/>, whose namespace the file uses from now on.</summary>
    public string InterfaceClass(string name)
    {
        if (Spec.Interfaces.FirstOrDefault(i => i.Name == name) is { } own) return own.ClassName;
        SpecSymbols owner = _visible.Specs.First(s => s.Interfaces.Any(i => i.Name == name));
        Use(owner.Namespace);
        return owner.Interfaces.First(i => i.Name == name).ClassName;
    }

    /// <summary>The spec that declares the lock <paramref name="name"/>, whose namespace the file uses from now on.</summary>
    public string LockOwner(string name)
    {
        if (Spec.Locks.Any(l => l.Name == name)) return Spec.Name;
        SpecSymbols owner = _visible.Specs.First(s => s.Locks.Contains(name));
        Use(owner.Namespace);
        return owner.Name;
    }

    /// <summary>The number of the errno <paramref name="name"/>, or null where there is none.</summary>
    public long? Errno(string name) => ValueOf(_visible.Errnos, name) is { } value ? unchecked((long)value) : null;

    private string HandleName(string fullName)
    {
        int dot = fullName.LastIndexOf('.');
        if (dot > 0) Use(fullName.Substring(0, dot));
        return fullName.Substring(dot + 1);
    }

    /// <summary>The number of the value <paramref name="name"/> among <paramref name="values"/> (<c>NAME=number</c>), or null.</summary>
    public static ulong? ValueOf(EquatableArray<string> values, string name)
    {
        string? entry = values.FirstOrDefault(v => v.Length > name.Length && v[name.Length] == '=' && v.StartsWith(name, StringComparison.Ordinal));
        return entry is not null && AbiNumber.TryParse(entry.Substring(name.Length + 1), out ulong value) ? value : null;
    }
}
