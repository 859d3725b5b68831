using System;
using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Messages;

/// <summary>What the templates need of one request and its response.</summary>
internal sealed class MessageCallModel
{
    private readonly EmitContext _context;
    private readonly MessageFraming _framing;
    private readonly Call _call;
    private readonly TypeInfo _argument;
    private readonly TypeInfo _result;

    public MessageCallModel(EmitContext context, MessageFraming framing, Call call)
    {
        _context = context;
        _framing = framing;
        _call = call;
        _argument = context.Types[call.Argument ?? framing.Header.Name];
        _result = context.Types[call.Result ?? framing.Header.Name];
    }

    /// <summary>The record of the request.</summary>
    public TypeInfo Argument => _argument;

    /// <summary>The record of the response.</summary>
    public TypeInfo Result => _result;

    private Field? Tail => _argument.Fields.FirstOrDefault(f => f.Count == 0);

    private Field? ResultTail => _result.Fields.FirstOrDefault(f => f.Count == 0);

    /// <summary>The call's model.</summary>
    public ScriptObject Build()
    {
        string method = _call.MethodName;
        string argument = _context.TypeName(_argument.Name);
        string result = _context.TypeName(_result.Name);
        string? tail = Tail is null ? null : ParameterNames.For(Tail.Name);
        string? resultTail = ResultTail is null ? null : ParameterNames.For(ResultTail.Name);
        if (resultTail is not null && Parameters().Any(p => p.Name == resultTail)) resultTail = CSharpNames.Parameter("response_" + ResultTail!.Name);
        string[] request = Parameters().Select(p => $"{p.Type} {p.Name}").ToArray();
        string[] response = new[] { $"out {result} response" }.Concat(resultTail is null ? Array.Empty<string>() : new[] { $"Span<byte> {resultTail}", $"out int {resultTail}Length" }).ToArray();
        return new ScriptObject
        {
            ["method"] = method,
            ["info"] = $"{CallTableModel.TableName(_context)}.{CallTableModel.PropertyName(_call, _context.Spec)}",
            ["docs"] = Document(),
            ["request_docs"] = Lines(Parameters().Select(p => ParameterList.Doc(p.Name, p.Field.Provenance.Doc, p.Field.Unit))),
            ["code"] = _framing.CodeOf(_call.Number!.Value),
            ["response_code"] = _framing.CodeOf(_call.ResponseNumber ?? 0),
            ["argument"] = argument,
            ["argument_header"] = _framing.HeaderOf(_argument),
            ["result"] = result,
            ["result_header"] = _framing.HeaderOf(_result),
            ["tail"] = tail,
            ["tail_doc"] = Docs.Sentence(Tail?.Provenance.Doc ?? ""),
            ["tail_length"] = LengthTest(Tail, "message", "request[" + argument + ".ByteSize..]"),
            ["result_tail"] = resultTail,
            ["result_tail_doc"] = Docs.Sentence(ResultTail?.Provenance.Doc ?? ""),
            ["result_tail_length"] = LengthTest(ResultTail, "response", resultTail ?? ""),
            ["result_length_set"] = LengthSet(_result, ResultTail, "answer", resultTail + "Length"),
            ["write_parameters"] = ParameterList.Join(request.Prepend("Span<byte> destination").ToArray(), 30 + method.Length, 2),
            ["sets"] = Sets().ToArray(),
            ["try_parameters"] = ParameterList.Join(request.Concat(response).ToArray(), 32 + method.Length, 2),
            ["write_arguments"] = ParameterList.Join(Parameters().Select(p => p.Name).Prepend("request").ToArray(), 40 + method.Length, 3),
        };
    }

    private IEnumerable<(string Name, string Type, Field Field, string Path)> Parameters()
    {
        string header = _framing.HeaderOf(_argument);
        IEnumerable<(Field, string)> fields = _framing.Echoed.Select(f => (f, $"message.{header}.{CSharpNames.Field(f.Name)}"))
            .Concat(_argument.Fields.Where(f => f.Role == FieldRole.Value && f.Type != _framing.Header.Name).Select(f => (f, $"message.{CSharpNames.Field(f.Name)}")));
        foreach ((Field field, string path) in fields)
        {
            string type = field.Count == 0 ? "byte" : _context.TypeName(field.Type);
            yield return (ParameterNames.For(field.Name), field.Count == 1 ? type : $"ReadOnlySpan<{type}>", field, path);
        }
    }

    private IEnumerable<string> Sets()
    {
        yield return $"message.{_framing.HeaderOf(_argument)}.{CSharpNames.Field(_framing.Code.Name)} = {_framing.CodeOf(_call.Number!.Value)};";
        foreach ((string field, string value) in _framing.Fixed) yield return $"message.{_framing.HeaderOf(_argument)}.{field} = {value};";
        if (_framing.Size is { } size)
        {
            string bytes = $"{_context.TypeName(_argument.Name)}.ByteSize - {_context.TypeName(_framing.Header.Name)}.ByteSize";
            string value = Tail is null ? bytes : $"({size.Type})MessageBoundary.CheckedLength({bytes} + {ParameterNames.For(Tail.Name)}.Length, 1, {size.Type}.MaxValue)";
            yield return $"message.{_framing.HeaderOf(_argument)}.{size.Field} = {value};";
        }

        foreach ((string name, _, Field field, string path) in Parameters().Where(p => p.Field.Count > 0))
            yield return field.Count == 1 ? $"{path} = {name};" : $"MessageBoundary.Fill({name}, {path}, nameof({name}));";
        foreach (Field field in _argument.Fields.Where(f => f.Role == FieldRole.Constant))
            yield return $"message.{CSharpNames.Field(field.Name)} = ({_context.TypeName(field.Type)}){Literal.Hex(field.Constant)};";
        if (Tail is not null && LengthSet(_argument, Tail, "message", ParameterNames.For(Tail.Name) + ".Length") is { } set) yield return set;
    }

    private string? LengthSet(TypeInfo record, Field? tail, string variable, string length)
    {
        if (tail?.LengthField is null || record.Fields.FirstOrDefault(f => f.Name == tail.LengthField) is not { } field) return null;
        string type = _context.TypeName(field.Type);
        return $"{variable}.{CSharpNames.Field(field.Name)} = ({type})MessageBoundary.CheckedLength({length}, {Unit(field, tail)}, {type}.MaxValue);";
    }

    private string? LengthTest(Field? tail, string variable, string bytes)
    {
        TypeInfo record = variable == "message" ? _argument : _result;
        if (tail?.LengthField is null || record.Fields.FirstOrDefault(f => f.Name == tail.LengthField) is not { } field) return null;
        int unit = Unit(field, tail);
        return $"{bytes}.Length != {variable}.{CSharpNames.Field(field.Name)}{(unit == 1 ? "" : $" * {unit}L")}";
    }

    private int Unit(Field length, Field tail) => length.Unit == "bytes" ? 1 : _context.Types.SizeOf(tail.Type);

    private string Document()
    {
        List<string> remarks = new() { $"Code {Literal.Hex(_call.Number!.Value)}." };
        remarks.AddRange(Docs.Outcomes(_call));
        return Docs.Of(1, _call.Provenance, _context.Spec.Provenance, _call.Name, remarks);
    }

    private static string Lines(IEnumerable<string> lines) => Docs.Lines(1, lines.Cast<string?>().ToArray());
}
