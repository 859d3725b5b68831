using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit.Messages;

/// <summary>What all messages of a spec share: the header, its code and the error message.</summary>
internal sealed class MessageFraming
{
    private readonly EmitContext _context;

    private MessageFraming(EmitContext context, TypeInfo header, Field code, TypeInfo? error, Field? errorCode)
    {
        _context = context;
        Header = header;
        Code = code;
        Error = error;
        ErrorCode = errorCode;
    }

    /// <summary>The header.</summary>
    public TypeInfo Header { get; }

    /// <summary>The header's field with the code.</summary>
    public Field Code { get; }

    /// <summary>The error message, or null where a refused request has no response.</summary>
    public TypeInfo? Error { get; }

    /// <summary>The error message's field with the error code.</summary>
    public Field? ErrorCode { get; }

    /// <summary>The fields of the header that a requester chooses and a response echoes.</summary>
    public IEnumerable<Field> Echoed => Header.Fields.Where(f => f.Role == FieldRole.Value && f.Name != Code.Name && f.Name != FixedVersionField && f.Name != _context.Spec.Framing.SizeField && f.Bits is null && f.Count > 0);

    /// <summary>The fields of the header that have one value in every message, with C# for the value.</summary>
    public IEnumerable<(string Field, string Value)> Fixed
    {
        get
        {
            if (FixedVersionField is { } version) yield return (CSharpNames.Field(version), Literal.Decimal((long)_context.Spec.Framing.Version!.Value));
            foreach (Field constant in Header.Fields.Where(f => f.Role == FieldRole.Constant))
                yield return (CSharpNames.Field(constant.Name), $"({_context.TypeName(constant.Type)}){Literal.Hex(constant.Constant)}");
        }
    }

    /// <summary>The header's field with the bytes that follow it, and its type, or null.</summary>
    public (string Field, string Type)? Size =>
        _context.Spec.Framing.SizeField is { } size ? (CSharpNames.Field(size), _context.TypeName(Header.Fields.First(f => f.Name == size).Type)) : null;

    private string? FixedVersionField => _context.Spec.Framing.Version is null ? null : _context.Spec.Framing.VersionField;

    /// <summary>The framing of <paramref name="context"/>'s spec, or null where its messages have none, so that there are types only.</summary>
    public static MessageFraming? Of(EmitContext context)
    {
        Framing framing = context.Spec.Framing;
        if (context.Spec.Kind != AbiKind.Message || context.Spec.Calls.Count == 0) return null;
        if (framing.Header is null || framing.CodeField is null) return null;
        TypeInfo header = context.Types[framing.Header];
        Field code = header.Fields.First(f => f.Name == framing.CodeField);
        if (framing.ErrorRecord is null || framing.ErrorField is null) return framing.ErrorEnum is null ? null : new MessageFraming(context, header, code, null, null);
        TypeInfo error = context.Types[framing.ErrorRecord];
        return new MessageFraming(context, header, code, error, error.Fields.First(f => f.Name == framing.ErrorField));
    }

    /// <summary>C# for the code <paramref name="number"/>: the enumeration's value if it has one.</summary>
    public string CodeOf(ulong number)
    {
        string type = _context.TypeName(Code.Type);
        string? value = _context.Types.Find(Code.Type)?.Values.FirstOrDefault(v => AbiNumber.TryParse(v.Substring(v.IndexOf('=') + 1), out ulong n) && n == number);
        return value is null ? $"({type}){Literal.Hex(number)}" : $"{type}.{CSharpNames.Value(value.Substring(0, value.IndexOf('=')))}";
    }

    /// <summary>C# for the code of an error message: the value that has the error record's name.</summary>
    public string CodeOfError(TypeInfo error)
    {
        string? value = _context.Types.Find(Code.Type)?.Values.FirstOrDefault(v => string.Equals(v.Substring(0, v.IndexOf('=')), error.Name, StringComparison.OrdinalIgnoreCase));
        return value is null
            ? throw new InvalidOperationException($"'{Code.Type}' in '{_context.Spec.Name}' has no value '{error.Name.ToUpperInvariant()}', the code of an error message; add it.")
            : $"{_context.TypeName(Code.Type)}.{CSharpNames.Value(value.Substring(0, value.IndexOf('=')))}";
    }

    /// <summary>The header's field in <paramref name="record"/>, which begins with it.</summary>
    public string HeaderOf(TypeInfo record) =>
        record.Fields.FirstOrDefault(f => f.Type == Header.Name && f.Offset == 0) is { } field && _context.Types[field.Type].Kind == TypeKind.Record
            ? CSharpNames.Field(field.Name)
            : throw new InvalidOperationException($"'{record.Name}' in '{_context.Spec.Name}' doesn't begin with '{Header.Name}'; add that as its first field.");
}
