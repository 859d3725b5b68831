using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>Writes how a client puts the argument of one ioctl together and takes its results out.</summary>
internal sealed class IoctlCallWriter
{
    private readonly IoctlCall _call;
    private readonly EmitContext _context;
    private readonly List<string> _buffers = new();
    private int _bufferCount;
    private int _writtenBuffers;

    public IoctlCallWriter(IoctlCall call, EmitContext context)
    {
        (_call, _context) = (call, context);
        if (call.Via is { } via) WriteVia(via);
        else if (call.IsAppended || call.Tail is not null) WriteAssembled();
        else if ((call.Record ?? call.Head) is { } record) WriteRecord(record);
        else WriteScalar();
    }

    public List<Parameter> Parameters { get; } = new();

    /// <summary>Statements before the call.</summary>
    public List<string> Prepare { get; } = new();

    /// <summary>Statements after it.</summary>
    public List<string> Finish { get; } = new();

    /// <summary>The call itself.</summary>
    public string Invoke(string info)
    {
        if (_call.Via is { } via) return $"IoctlBoundary.InvokeVia(hub, {info}, transport, Fd, frame, {via.Offset})";
        string written = _writtenBuffers == 0 ? "" : $", writtenBuffers: {_writtenBuffers}";
        return $"IoctlBoundary.Invoke(hub, {info}, transport, Fd, frame{written})";
    }

    private void WriteScalar()
    {
        if (_call.Call.Inputs.Count == 0)
        {
            Prepare.Add("IoctlFrame frame = default;");
            return;
        }

        Field field = _call.Call.Inputs[0];
        Parameters.Add(Plain(field, ""));
        Prepare.Add($"IoctlFrame frame = new() {{ Scalar = {Conversion.ToNumber(_context, field.Type, CSharpNames.Parameter(field.Name))} }};");
    }

    private void WriteRecord(RecordType record)
    {
        string type = _context.TypeName(record.Name);
        Prepare.Add($"{type} argument = default;");
        WriteFields(record, "argument", 0, $"{type}.ByteSize");
        Prepare.Add($"IoctlFrame frame = new(MemoryMarshal.AsBytes(new Span<{type}>(ref argument)));");
        Prepare.AddRange(_buffers);
    }

    private void WriteAssembled()
    {
        RecordType record = _call.Record!;
        string type = _context.TypeName(record.Name);
        string? tail = _call.Tail is { } field ? CSharpNames.Parameter(field.Name) : null;
        string at = _call.RecordOffset == 0 ? "bytes" : $"bytes[{_call.RecordOffset}..]";
        Prepare.Add(tail is null ? $"const int total = {_call.FixedSize};" : $"int total = {_call.FixedSize} + MemoryMarshal.AsBytes({tail}).Length;");
        Prepare.Add("Span<byte> bytes = total <= IoctlBoundary.StackLimit ? stackalloc byte[IoctlBoundary.StackLimit] : new byte[total];");
        Prepare.Add("bytes = bytes[..total];");
        if (_call.Head is { } head)
        {
            Prepare.Add($"{_context.TypeName(head.Name)} head = default;");
            WriteFields(head, "head", 0, "total");
            Prepare.Add("head.Write(bytes);");
        }

        Prepare.Add($"{type} argument = default;");
        WriteFields(record, "argument", _call.RecordOffset, "total");
        Prepare.Add($"argument.Write({at});");
        if (_call.Tail is { } elements) WriteTail(elements, tail!);
        Prepare.Add("IoctlFrame frame = new(bytes);");
        Prepare.AddRange(_buffers);
        if (Finish.Any(f => f.Contains("argument."))) Finish.Insert(0, $"argument = MemoryMarshal.Read<{type}>({at});");
        if (Finish.Any(f => f.Contains("head."))) Finish.Insert(0, $"head = MemoryMarshal.Read<{_context.TypeName(_call.Head!.Name)}>(bytes);");
    }

    private void WriteTail(Field tail, string name)
    {
        string element = IoctlNames.Element(tail, _context);
        bool isInput = tail.Direction == Direction.In;
        Parameters.Add(new Parameter(name, isInput ? $"ReadOnlySpan<{element}>" : $"Span<{element}>", "", Docs.Sentence(tail.Provenance.Doc)));
        Prepare.Add($"MemoryMarshal.AsBytes({name}).CopyTo(bytes[{_call.FixedSize}..]);");
        if (!isInput) Finish.Add($"bytes[{_call.FixedSize}..].CopyTo(MemoryMarshal.AsBytes({name}));");
    }

    private void WriteVia(Field via)
    {
        RecordType head = _call.Head!;
        string headType = _context.TypeName(head.Name);
        if (_call.Record is { } record)
        {
            string type = _context.TypeName(record.Name);
            Prepare.Add($"{type} argument = default;");
            WriteFields(record, "argument", 0, $"{type}.ByteSize");
            Prepare.Add($"Span<byte> carried = MemoryMarshal.AsBytes(new Span<{type}>(ref argument));");
        }
        else
        {
            int at = 0;
            List<string> writes = new();
            foreach (Field field in _call.Call.Inputs)
            {
                Parameters.Add(Plain(field, ""));
                writes.Add($"MemoryMarshal.Write({(at == 0 ? "carried" : $"carried[{at}..]")}, in {CSharpNames.Parameter(field.Name)});");
                at += _context.Types.SizeOf(field.Type);
            }

            Prepare.Add($"Span<byte> carried = stackalloc byte[{at}];");
            Prepare.AddRange(writes);
        }

        Prepare.Add($"{headType} head = default;");
        WriteFields(head, "head", 0, $"{headType}.ByteSize", skipPointer: via.Name);
        if (via.LengthField is { } length && head.Fields.FirstOrDefault(f => f.Name == length) is { } lengthField)
            Prepare.Add($"head.{CSharpNames.Field(length)} = ({_context.TypeName(lengthField.Type)})carried.Length;");
        Prepare.Add($"IoctlFrame frame = new(MemoryMarshal.AsBytes(new Span<{headType}>(ref head)));");
        Prepare.Add($"frame.Add({via.Offset}, carried);");
    }

    private void WriteFields(RecordType record, string variable, int at, string size, string? skipPointer = null)
    {
        Dictionary<string, ulong> selected = record == _call.Head ? _call.Selection.ToDictionary(s => s.Field.Name, s => s.Value) : new();
        foreach (Field field in record.Fields)
        {
            string member = $"{variable}.{CSharpNames.Field(field.Name)}";
            if (selected.TryGetValue(field.Name, out ulong value))
                Prepare.Add($"{member} = {Conversion.FromNumber(_context, field.Type, Literal.Hex(value))};");
            else if (field.Role == FieldRole.Size)
                Prepare.Add(size == "total" ? $"{member} = ({_context.TypeName(field.Type)}){size};" : $"{member} = {size};");
            else if (field.Role == FieldRole.Constant)
                Prepare.Add($"{member} = {Conversion.FromNumber(_context, field.Type, Literal.Hex(field.Constant))};");
            else if (field.Count != 0 && field.Name != skipPointer && field.Role is not (FieldRole.Zero or FieldRole.Ignored))
                WriteField(field, record, member, at);
        }
    }

    private void WriteField(Field field, RecordType record, string member, int at)
    {
        string name = CSharpNames.Parameter(field.Name);
        switch (field.Role)
        {
            case FieldRole.UserPointer:
                WritePointer(field, IoctlNames.Pointer(field, record), at);
                break;
            case FieldRole.UserMemory:
                Parameters.Add(new Parameter(name, "UserMemory?", "", Docs.Sentence(field.Provenance.Doc)));
                Parameters.Add(new Parameter(name + "Offset", "ulong", "", "Where in that memory it begins."));
                Prepare.Add($"{member} = {name} is null ? 0 : {name}.Address + {name}Offset;");
                break;
            case FieldRole.Length when IoctlNames.Measured(field, record) is { } measured:
                string items = measured.Count == 0 ? CSharpNames.Parameter(measured.Name) : IoctlNames.Pointer(measured, record);
                bool inBytes = field.Unit == "bytes" && IoctlNames.Element(measured, _context) != "byte";
                Prepare.Add($"{member} = ({_context.TypeName(field.Type)}){(inBytes ? $"MemoryMarshal.AsBytes({items})" : items)}.Length;");
                if (field.Direction == Direction.In) break;
                Parameters.Add(Plain(field, "out"));
                Finish.Add($"{name} = {member};");
                break;
            default:
                WriteValue(field, name, member);
                break;
        }
    }

    private void WritePointer(Field field, string name, int at)
    {
        string element = IoctlNames.Element(field, _context);
        bool isInput = field.Direction == Direction.In;
        Parameters.Add(new Parameter(name, isInput ? $"ReadOnlySpan<{element}>" : $"Span<{element}>", "", Docs.Sentence(field.Provenance.Doc)));
        _buffers.Add($"frame.Add({at + field.Offset}, {(isInput ? $"IoctlBoundary.Bytes({name})" : $"MemoryMarshal.AsBytes({name})")});");
        if (!isInput) _writtenBuffers |= 1 << _bufferCount;
        _bufferCount++;
    }

    private void WriteValue(Field field, string name, string member)
    {
        if (field.Count > 1)
        {
            string element = IoctlNames.Element(field, _context);
            bool isInput = field.Direction == Direction.In;
            Parameters.Add(new Parameter(name, isInput ? $"ReadOnlySpan<{element}>" : $"Span<{element}>", "", $"{Docs.Sentence(field.Provenance.Doc)} At most {field.Count}."));
            if (field.Direction != Direction.Out) Prepare.Add($"{name}.CopyTo({member});");
            if (!isInput) Finish.Add($"((ReadOnlySpan<{element}>){member})[..Math.Min({field.Count}, {name}.Length)].CopyTo({name});");
            return;
        }

        string modifier = field.Direction switch { Direction.In => "", Direction.Out => "out", _ => "ref" };
        Parameters.Add(Plain(field, modifier));
        if (field.Direction != Direction.Out) Prepare.Add($"{member} = {name};");
        if (field.Direction != Direction.In) Finish.Add($"{name} = {member};");
    }

    private Parameter Plain(Field field, string modifier)
    {
        string doc = Docs.Sentence(field.Provenance.Doc);
        if (field.InIf is not null) doc += $" Only read with {Docs.Escape(field.InIf)}.";
        if (field.Unit is not null && !field.Provenance.Doc.Contains(field.Unit)) doc += $" In {Docs.Escape(field.Unit)}.";
        return new Parameter(CSharpNames.Parameter(field.Name), _context.TypeName(field.Type), modifier, doc);
    }
}
