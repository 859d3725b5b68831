using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>Writes how a dispatcher takes the argument of one ioctl apart.</summary>
internal sealed class IoctlDispatchWriter
{
    private const string DefaultReservedErrno = "EINVAL";

    private readonly IoctlCall _call;
    private readonly EmitContext _context;

    public IoctlDispatchWriter(IoctlCall call, EmitContext context)
    {
        (_call, _context) = (call, context);
        if (call.Via is { } via) ReadVia(via);
        else if ((call.Record ?? call.Head) is { } record) ReadRecord(record);
        else ReadScalar();
    }

    /// <summary>Parameters of the server's method.</summary>
    public List<Parameter> Parameters { get; } = new();

    /// <summary>What the dispatcher passes for them.</summary>
    public List<string> Arguments { get; } = new();

    /// <summary>Statements that copy and check the argument.</summary>
    public List<string> Prepare { get; } = new();

    /// <summary>Statements that copy the buffers; they may refuse the call.</summary>
    public List<string> Open { get; } = new();

    /// <summary>Buffers that the callee writes: zero if the call is kept from it.</summary>
    public List<string> Cleared { get; } = new();

    /// <summary>Statements that copy the answer back.</summary>
    public List<string> Finish { get; } = new();

    private string ReservedErrno => _context.Spec.Framing.ReservedErrno ?? DefaultReservedErrno;

    private void ReadScalar()
    {
        Prepare.Add("Span<byte> local = stackalloc byte[sizeof(ulong)];");
        Prepare.Add("BinaryPrimitives.WriteUInt64LittleEndian(local, frame.Scalar);");
        if (_call.Call.Inputs.Count == 0) return;
        Field field = _call.Call.Inputs[0];
        Parameters.Add(Plain(field));
        Arguments.Add(Conversion.FromNumber(_context, field.Type, "frame.Scalar"));
    }

    private void ReadRecord(RecordType record)
    {
        string type = _context.TypeName(record.Name);
        RecordType sized = _call.IsAppended ? _call.Head! : record;
        Field? size = IoctlNames.SizeField(sized);
        bool isExtensible = sized.SizeField is not null && !_call.IsAppended && _call.Tail is null && _call.SubCalls.Count == 0;
        int minimum = _call.IsAppended || record.MinSize == 0 ? _call.FixedSize : record.MinSize;
        string sizeName = NeedsSize ? "out int size" : "out _";
        Prepare.Add($"Span<byte> local = stackalloc byte[{_call.FixedSize}];");
        if (_call.IsAppended)
        {
            // The record that chose this call is the one that the dispatcher has looked at, whatever the caller's memory holds now.
            Prepare.Add("head.Write(local);");
            Prepare.Add($"Errno error = IoctlBoundary.CopyRest(frame.Argument, local, {_call.RecordOffset}, {(NeedsSize ? "size" : "local.Length")});");
        }
        else
        {
            Prepare.Add($"Errno error = IoctlBoundary.CopyIn(frame.Argument, local, {size?.Offset ?? -1}, {minimum}, {(isExtensible ? "true" : "false")}, {sizeName});");
        }

        CheckReserved(record, _call.RecordOffset);
        Prepare.Add("if (error != Errno.Ok) return error;");

        Prepare.Add($"ref {type} argument = ref MemoryMarshal.AsRef<{type}>({(_call.RecordOffset == 0 ? "local" : $"local[{_call.RecordOffset}..]")});");
        Parameters.Add(new Parameter("argument", type, "ref", "The argument; what the call answers goes back in it."));
        Arguments.Add("ref argument");
        foreach (Field field in record.Fields.Where(f => f.Role == FieldRole.UserPointer)) ReadPointer(field, record);
        if (_call.Tail is { } tail) ReadTail(tail, record);
        if (_call.SubCalls.Any(c => c.Via is null))
        {
            Parameters.Add(new Parameter("rest", "Span<byte>", "", "What follows the argument; what the call answers goes back in it."));
            Copy("rest", "byte", $"frame.Argument[{_call.FixedSize}..{(NeedsSize ? "size" : "")}]");
            Finish.Add("rest.CopyOut();");
        }

        Finish.Add($"IoctlBoundary.CopyOut(local, frame.Argument, {(NeedsSize ? "size" : _call.FixedSize.ToString(System.Globalization.CultureInfo.InvariantCulture))});");
    }

    private bool NeedsSize => IoctlNames.SizeField(_call.IsAppended ? _call.Head : _call.Record ?? _call.Head) is not null;

    private void CheckReserved(RecordType record, int at)
    {
        foreach (Field field in record.Fields)
        {
            if (field.Role == FieldRole.Zero && field.Bits is null)
                Prepare.Add($"if (error == Errno.Ok && !IoctlBoundary.IsZero(local.Slice({at + field.Offset}, {field.Size}))) error = Errno.{ReservedErrno};");
        }
    }

    private void ReadPointer(Field field, RecordType record)
    {
        string memory = $"frame.Buffer({_call.RecordOffset + field.Offset})";
        Read(field, IoctlNames.Pointer(field, record), memory, "Items", record);
    }

    private void ReadTail(Field tail, RecordType record)
    {
        string memory = $"frame.Argument[{_call.FixedSize}..{(NeedsSize ? "size" : "")}]";
        Read(tail, CSharpNames.Parameter(tail.Name), memory, "TailItems", record);
    }

    private void Read(Field field, string name, string memory, string find, RecordType record)
    {
        string element = IoctlNames.Element(field, _context);
        bool isInput = field.Direction == Direction.In;
        Parameters.Add(new Parameter(name, isInput ? $"ReadOnlySpan<{element}>" : $"Span<{element}>", "", Docs.Sentence(field.Provenance.Doc)));
        string user = "user" + char.ToUpperInvariant(name.TrimStart('@')[0]) + name.TrimStart('@').Substring(1);
        if (field.LengthField is { } length)
        {
            Open.Add($"error = IoctlBoundary.{find}({memory}, {Count(record, length, field, element)}, out Span<{element}> {user});");
            Open.Add("if (error != Errno.Ok) return error;");
            Copy(name, element, user);
        }
        else
        {
            Copy(name, element, element == "byte" ? memory : $"MemoryMarshal.Cast<byte, {element}>({memory})");
        }

        if (isInput) return;
        Cleared.Add($"{name}.Items");
        Finish.Add($"{name}.CopyOut();");
    }

    private void Copy(string name, string element, string user)
    {
        Open.Add($"using UserCopy<{element}> {name} = new({user}, stackalloc byte[IoctlBoundary.CopyLimit]);");
        Arguments.Add($"{name}.Items");
    }

    private string Count(RecordType record, string length, Field pointer, string element)
    {
        Field field = record.Fields.First(f => f.Name == length);
        string value = Conversion.ToNumber(_context, field.Type, "argument." + CSharpNames.Field(length));
        if (field.Unit != "bytes" || element == "byte") return value;
        // Only records know their size in C#.
        string type = pointer.Role == FieldRole.UserPointer ? pointer.Target! : pointer.Type;
        bool isRecord = _context.Types.Find(type)?.Kind == TypeKind.Record;
        return $"{value} / {(isRecord ? $"(ulong){element}.ByteSize" : Literal.Decimal(_context.Types.SizeOf(type)))}";
    }

    private void ReadVia(Field via)
    {
        string buffer = $"frame.Buffer({via.Offset})";
        int size = _call.Record?.Size ?? _call.Call.Inputs.Sum(f => _context.Types.SizeOf(f.Type));
        Prepare.Add($"Span<byte> local = stackalloc byte[{size}];");
        Prepare.Add($"Errno error = IoctlBoundary.CopyIn({buffer}, local, -1, {size}, false, out _);");
        if (_call.Record is { } record)
        {
            string type = _context.TypeName(record.Name);
            CheckReserved(record, 0);
            Prepare.Add("if (error != Errno.Ok) return error;");
            Prepare.Add($"ref {type} argument = ref MemoryMarshal.AsRef<{type}>(local);");
            Parameters.Add(new Parameter("argument", type, "ref", "The argument; what the call answers goes back in it."));
            Arguments.Add("ref argument");
            Finish.Add($"IoctlBoundary.CopyOut(local, {buffer}, {size});");
            return;
        }

        Prepare.Add("if (error != Errno.Ok) return error;");
        int at = 0;
        foreach (Field field in _call.Call.Inputs)
        {
            Parameters.Add(Plain(field));
            Arguments.Add($"MemoryMarshal.Read<{_context.TypeName(field.Type)}>({(at == 0 ? "local" : $"local[{at}..]")})");
            at += _context.Types.SizeOf(field.Type);
        }
    }

    private Parameter Plain(Field field) => new(CSharpNames.Parameter(field.Name), _context.TypeName(field.Type), "", Docs.Sentence(field.Provenance.Doc));
}
