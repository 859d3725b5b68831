using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>An ioctl with the records that make its argument.</summary>
internal sealed class IoctlCall
{
    private IoctlCall(Call call, RecordType? record, Call? carrier, RecordType? head, AbiSpec spec)
    {
        Call = call;
        Record = record;
        Carrier = carrier;
        Head = head;
        Property = CallTableModel.PropertyName(call, spec);
        SubCalls = spec.Calls.Where(c => c.SubCallOf == call.Name).ToArray();
    }

    public Call Call { get; }

    /// <summary>The call's own record, or null.</summary>
    public RecordType? Record { get; }

    /// <summary>For sub-calls: the call that carries it.</summary>
    public Call? Carrier { get; }

    /// <summary>For sub-calls: the carrier's record.</summary>
    public RecordType? Head { get; }

    /// <summary>The call's property in the table of calls.</summary>
    public string Property { get; }

    /// <summary>The calls that this one carries.</summary>
    public IReadOnlyList<Call> SubCalls { get; }

    /// <summary>For sub-calls whose argument lies behind a pointer: the carrier's field with that pointer.</summary>
    public Field? Via => Call.Via is { } via ? Head?.Fields.FirstOrDefault(f => f.Name == via) : null;

    /// <summary>Whether the argument follows the carrier's record.</summary>
    public bool IsAppended => Head is not null && Via is null && Record is not null;

    /// <summary>The array that ends the argument, or null.</summary>
    public Field? Tail => Record?.Flexible;

    /// <summary>Where the call's own record begins in the argument.</summary>
    public int RecordOffset => IsAppended ? Head!.Size : 0;

    /// <summary>Bytes of the argument without a trailing array.</summary>
    public int FixedSize => RecordOffset + (Record?.Size ?? (Via is null ? Head?.Size ?? 0 : 0));

    /// <summary>The fields of the carrier's record that select the call, and their values.</summary>
    public IEnumerable<(Field Field, ulong Value)> Selection => Call.Select.Select(s => s.Split('='))
        .Select(p => (Head?.Fields.FirstOrDefault(f => f.Name == p[0]), ulong.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture)))
        .Where(p => p.Item1 is not null).Select(p => (p.Item1!, p.Item2));

    /// <summary>The calls of <paramref name="target"/> that can be put on a wire.</summary>
    public static IReadOnlyList<IoctlCall> Of(CallObject target, AbiSpec spec) => spec.Calls
        .Where(c => ReferenceEquals(CallTableModel.ObjectOf(c, spec), target)).Select(c => Find(c, spec)).OfType<IoctlCall>().ToArray();

    // Records of another spec are known by their places only, so a call can't be bound to one.
    private static IoctlCall? Find(Call call, AbiSpec spec)
    {
        RecordType? record = Named(call.Argument, spec);
        if (call.Argument is not null && record is null) return null;
        if (call.SubCallOf is null) return call.Request is null ? null : new IoctlCall(call, record, null, null, spec);
        Call? carrier = spec.Calls.FirstOrDefault(c => c.Name == call.SubCallOf);
        RecordType? head = Named(carrier?.Argument, spec);
        return carrier?.Request is null || head is null ? null : new IoctlCall(call, record, carrier, head, spec);
    }

    private static RecordType? Named(string? name, AbiSpec spec) => spec.Records.FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.Ordinal));
}
