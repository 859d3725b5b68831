using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary>Finds what numbers mean in all specs.</summary>
internal sealed class NumberIndex
{
    private readonly AbiSet _set;
    private readonly ILookup<ulong, Meaning> _requests;
    private readonly ILookup<ulong, Meaning> _others;

    public NumberIndex(AbiSet set)
    {
        _set = set;
        _requests = set.Specs.SelectMany(Requests).ToLookup(m => m.Number);
        _others = set.Specs.SelectMany(s => Selectors(s).Concat(Values(s))).ToLookup(m => m.Number);
    }

    /// <summary>The calls that user space makes with the ioctl request <paramref name="request"/>.</summary>
    public IReadOnlyList<Meaning> OfRequest(ulong request) => [.. _requests[request]];

    /// <summary>Everything that <paramref name="number"/> means: a request, a call's number, a message's code, a status or another value.</summary>
    public IReadOnlyList<Meaning> Of(ulong number) => [.. _requests[number].Concat(_others[number])];

    private IEnumerable<Meaning> Requests(AbiSpec spec) =>
        spec.Calls.Where(c => c.Request is not null).Select(c => new Meaning(spec, "ioctl request", c.Name, c.Request!.Value, Record(spec, c.Argument), c.Provenance, c));

    private IEnumerable<Meaning> Selectors(AbiSpec spec)
    {
        string kind = spec.Kind switch { AbiKind.Ioctl => "ioctl number", AbiKind.Message => "request code", AbiKind.Mailbox => "command", _ => "call number" };
        foreach (Call call in spec.Calls)
        {
            if (call.Number is { } number && call.Request != number) yield return new Meaning(spec, kind, call.Name, number, Record(spec, call.Argument), call.Provenance, call);
            if (call.ResponseNumber is { } response) yield return new Meaning(spec, "response code", call.Name, response, Record(spec, call.Result), call.Provenance);
        }
    }

    private static IEnumerable<Meaning> Values(AbiSpec spec) =>
        spec.Enums.SelectMany(e => e.Values.Where(v => v.Value is not null).Select(v => new Meaning(spec, e.Name, e.Prefix + v.Name, v.Value!.Value, null, v.Provenance)))
            .Concat(spec.Constants.Select(c => new Meaning(spec, "constant", c.Name, c.Value, null, c.Provenance)));

    /// <summary>The record <paramref name="name"/> as <paramref name="spec"/> sees it.</summary>
    public RecordType? Record(AbiSpec spec, string? name) => name is null ? null : Visible(spec).SelectMany(s => s.Records).FirstOrDefault(r => r.Name == name);

    /// <summary>The enumeration <paramref name="name"/> as <paramref name="spec"/> sees it.</summary>
    public EnumType? Enumeration(AbiSpec spec, string name) => Visible(spec).SelectMany(s => s.Enums).FirstOrDefault(e => e.Name == name);

    private IEnumerable<AbiSpec> Visible(AbiSpec spec) => spec.Uses.Select(_set.Spec).OfType<AbiSpec>().Prepend(spec);
}
