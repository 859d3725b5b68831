using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary>Finds what numbers and names of calls mean in all specs.</summary>
internal sealed class NumberIndex
{
    private readonly AbiSet _set;
    private readonly ILookup<ulong, Meaning> _requests;
    private readonly ILookup<ulong, Meaning> _others;
    private readonly ILookup<string, Meaning> _calls;

    public NumberIndex(AbiSet set)
    {
        _set = set;
        _requests = set.Specs.SelectMany(Requests).ToLookup(m => m.Number!.Value);
        _others = set.Specs.SelectMany(s => Selectors(s).Concat(Values(s))).ToLookup(m => m.Number!.Value);
        _calls = set.Specs.SelectMany(Named).SelectMany(m => Names(m).Select(n => (Name: n, Meaning: m))).ToLookup(p => p.Name, p => p.Meaning, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The calls that user space makes with the ioctl request <paramref name="request"/>.</summary>
    public IReadOnlyList<Meaning> OfRequest(ulong request) => [.. _requests[request]];

    /// <summary>Everything that <paramref name="number"/> means: a request, a call's number, a message's code, a status or another value.</summary>
    public IReadOnlyList<Meaning> Of(ulong number) => [.. _requests[number].Concat(_others[number])];

    /// <summary>The calls and operations named <paramref name="name"/>, in small letters or large ones: as their spec names them (an operation with its interface before it), or as C does.</summary>
    public IReadOnlyList<Meaning> OfCall(string name) => [.. _calls[name]];

    /// <summary>The names of all calls.</summary>
    public IEnumerable<string> CallNames => _calls.Select(c => c.Key);

    private static IEnumerable<string> Names(Meaning meaning) =>
        new[] { meaning.Name, meaning.Call!.CName }.OfType<string>().Where(n => n != CNames.None).Distinct(StringComparer.OrdinalIgnoreCase);

    private IEnumerable<Meaning> Named(AbiSpec spec)
    {
        foreach (Call call in spec.Calls)
        {
            string kind = call switch
            {
                { SubCallOf: { } carrier } => $"part of {carrier}",
                { Request: not null } => "ioctl request",
                { IsNumberless: true } => "call without a public number",
                { Path: { } path } => path,
                _ => Kind(spec),
            };
            yield return new Meaning(spec, kind, call.Name, call.Request ?? call.Number, Record(spec, call.Argument), call.Provenance, call);
        }

        foreach (OpsInterface table in spec.Interfaces)
        {
            foreach (Call op in table.Ops) yield return new Meaning(spec, "operation", $"{table.Name}.{op.Name}", null, null, op.Provenance, op);
        }
    }

    private IEnumerable<Meaning> Requests(AbiSpec spec) =>
        spec.Calls.Where(c => c.Request is not null).Select(c => new Meaning(spec, "ioctl request", c.Name, c.Request!.Value, Record(spec, c.Argument), c.Provenance, c));

    private IEnumerable<Meaning> Selectors(AbiSpec spec)
    {
        foreach (Call call in spec.Calls)
        {
            if (call.Number is { } number && call.Request != number) yield return new Meaning(spec, Kind(spec), call.Name, number, Record(spec, call.Argument), call.Provenance, call);
            if (call.ResponseNumber is { } response) yield return new Meaning(spec, "response code", call.Name, response, Record(spec, call.Result), call.Provenance);
        }
    }

    private static string Kind(AbiSpec spec) => spec.Kind switch { AbiKind.Ioctl => "ioctl number", AbiKind.Message => "request code", AbiKind.Mailbox => "command", _ => "call number" };

    private static IEnumerable<Meaning> Values(AbiSpec spec) =>
        spec.Enums.SelectMany(e => e.Values.Where(v => v.Value is not null).Select(v => new Meaning(spec, e.Name, e.Prefix + v.Name, v.Value!.Value, null, v.Provenance)))
            .Concat(spec.Constants.Select(c => new Meaning(spec, "constant", c.Name, c.Value, null, c.Provenance)));

    /// <summary>The record <paramref name="name"/> as <paramref name="spec"/> sees it.</summary>
    public RecordType? Record(AbiSpec spec, string? name) => name is null ? null : Visible(spec).SelectMany(s => s.Records).FirstOrDefault(r => r.Name == name);

    /// <summary>The enumeration <paramref name="name"/> as <paramref name="spec"/> sees it.</summary>
    public EnumType? Enumeration(AbiSpec spec, string name) => Visible(spec).SelectMany(s => s.Enums).FirstOrDefault(e => e.Name == name);

    private IEnumerable<AbiSpec> Visible(AbiSpec spec) => spec.Uses.Select(_set.Spec).OfType<AbiSpec>().Prepend(spec);
}
