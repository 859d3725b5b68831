using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads calls of every kind but ops. Which keys a call has depends on the kind.</summary>
internal sealed class CallReader(AbiKind kind, string prefix, Framing framing, Provenance outer)
{
    public EquatableArray<Call> Read(MapReader spec)
    {
        List<Call> calls = new();
        foreach ((string name, MapReader body) in spec.Items("calls", "call"))
        {
            calls.Add(ReadCall(name, body));
            body.Close();
        }

        return new(calls);
    }

    private Call ReadCall(string name, MapReader body)
    {
        Provenance own = ProvenanceReader.Read(body, outer);
        bool ioctl = kind == AbiKind.Ioctl;
        bool registers = kind == AbiKind.RegisterCall;
        bool command = framing.IsCommand;
        bool answers = kind is AbiKind.Message or AbiKind.Mailbox && !command;
        string? carrier = body.Name("sub-call-of");
        bool hasPath = kind == AbiKind.Sysfs;
        (bool hasNumber, ulong? number) = carrier is null && !hasPath ? body.NumberOrUnknown("nr") : default;
        if (carrier is null && !hasPath && !hasNumber) body.Missing("nr", "give its number, or 'unknown' if it is public nowhere");
        FieldPlace place = !registers ? FieldPlace.Parameter : framing.Registers is null ? FieldPlace.Register : FieldPlace.OwnRegister;
        return new Call(
            name,
            MethodName(name, body, prefix),
            number,
            carrier is null && hasNumber && number is null,
            registers ? body.Small("version", byte.MaxValue) ?? 0 : 0,
            kind == AbiKind.Message ? body.Number("response-nr") : null,
            ioctl ? body.Name("on") ?? "" : "",
            Access(body, carrier is null && number is not null),
            ioctl ? Request(body) : null,
            ioctl && framing.EncodesSize ? body.Small("size", 0x3FFF) ?? 0 : 0,
            carrier,
            carrier is null ? default : Select(body),
            carrier is null ? null : body.Name("via"),
            registers || IsFlat ? null : body.Name("arg"),
            answers ? body.Name("result") : null,
            kind == AbiKind.Message || command ? default : FieldReader.Read(body, "in", place, Direction.In, own),
            registers || IsFlat ? FieldReader.Read(body, "out", place, Direction.Out, own) : default,
            IsFlat ? CallReturn.Nothing : Returns(body),
            Errors(body),
            SidesReader.Read(body),
            null,
            own,
            body.Flag("one-sided") ?? false,
            hasPath ? Path(body) : null,
            CallStatesReader.Before(body),
            CallStatesReader.After(body),
            body.Text("c"),
            ioctl && carrier is null ? body.Name("replaces") : null);
    }

    // Arguments that stand in no record and no register.
    private bool IsFlat => kind is AbiKind.Netlink or AbiKind.Sysfs;

    public static string MethodName(string name, MapReader body, string prefix) =>
        body.Text("method", CSharpNames.IsIdentifier, "the name of a C# method") ?? CSharpNames.Method(name, prefix);

    public static CallReturn Returns(MapReader body) => body.Choice("returns", "nothing", "fd", "value", "residue", "status") switch
    {
        "fd" => CallReturn.Fd,
        "value" => CallReturn.Value,
        "residue" => CallReturn.Residue,
        "status" => CallReturn.Status,
        _ => CallReturn.Nothing,
    };

    public static EquatableArray<CallError> Errors(MapReader body) => new(body.Pairs("errors").Select(p => new CallError(p.Name, p.Text)));

    private static uint? Request(MapReader body)
    {
        ulong? request = body.Number("request");
        if (request is null or <= uint.MaxValue) return (uint?)request;
        body.Bag.Report(AbiRules.NumberTooBig, body.SpanOf("request"), body.Text("request")!, "u32");
        return null;
    }

    private static string Path(MapReader body)
    {
        if (!body.Has("path")) return body.Missing("path", "give the file's path, with <…> for what varies");
        return body.Text("path", p => p.StartsWith("/sys/", System.StringComparison.Ordinal) && !p.EndsWith("/", System.StringComparison.Ordinal), "the path of a file in /sys") ?? "";
    }

    private string Access(MapReader body, bool hasRequestNumber)
    {
        if (kind == AbiKind.Sysfs) return Choice(body, "access", "say who moves data: r (it can be read), w or rw", "r", "w", "rw");
        if (kind == AbiKind.Netlink) return Choice(body, "mode", "do (one answer), dump (many) or event (sent unasked)", "do", "dump", "event");
        if (kind != AbiKind.Ioctl || !framing.EncodesSize || !hasRequestNumber) return "";
        if (body.Has("access")) return body.Choice("access", "none", "r", "w", "rw") ?? "";
        body.Take("access");
        return body.Missing("access", "the request number carries it: none, r (the kernel writes), w (the kernel reads) or rw");
    }

    private static string Choice(MapReader body, string key, string hint, params string[] choices)
    {
        if (body.Has(key)) return body.Choice(key, choices) ?? "";
        body.Take(key);
        return body.Missing(key, hint);
    }

    private static EquatableArray<string> Select(MapReader body)
    {
        List<string> select = new();
        if (!body.Has("select")) body.Missing("select", "say which values in the carrier's record mean this call");
        foreach ((string field, string text, SourceSpan span) in body.Pairs("select"))
        {
            if (AbiNumber.TryParse(text, out ulong value)) select.Add($"{field}={value.ToString(CultureInfo.InvariantCulture)}");
            else body.Bag.Report(AbiRules.WrongValue, span, text, "a number");
        }

        return new(select);
    }
}
