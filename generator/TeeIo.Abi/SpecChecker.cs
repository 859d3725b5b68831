using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Checking;
using TeeIo.Abi.Layout;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi;

/// <summary>Resolves one spec against what it can see of others: lays its records out and checks everything that a single file and its <c>uses:</c> can tell.</summary>
public static class SpecChecker
{
    /// <summary>Checks <paramref name="doc"/>. Of <paramref name="visible"/> only what the spec uses counts, so a slice of it does as well.</summary>
    public static CheckedSpec Check(SpecDocument doc, SymbolTable visible)
    {
        if (doc.Spec is null) return new CheckedSpec(doc.Path, null, doc.Diagnostics);
        DiagnosticBag bag = new(doc.Path);
        AbiSpec spec = LayOut(doc.Spec, visible, doc.Locations, bag);
        CheckScope scope = new(spec, visible, doc.Locations, bag);
        FramingChecker.Check(scope);
        RegisterBlockChecker.Check(scope);
        NameChecker.Check(scope);
        RecordChecker.Check(scope);
        CallChecker.Check(scope);
        ErrorChecker.Check(scope);
        StateChecker.Check(scope);
        FlowChecker.Check(scope);
        SequenceChecker.Check(scope);
        AbiDiagnostic[] all = doc.Diagnostics.Concat(bag.ToArray()).OrderBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.Id, StringComparer.Ordinal).ToArray();
        return new CheckedSpec(doc.Path, spec, new(all));
    }

    private static AbiSpec LayOut(AbiSpec spec, SymbolTable visible, SourceMap locations, DiagnosticBag bag)
    {
        Dictionary<string, TypeLayout> known = new(StringComparer.Ordinal);
        foreach (TypeSymbol type in spec.Uses.Where(u => u != spec.Name).Select(visible.Spec).OfType<SpecSymbols>().SelectMany(s => s.Types).Where(t => t.Kind != TypeKind.Handle).Reverse())
            known[type.Name] = new TypeLayout(type.Size, type.Alignment);
        foreach (IdType id in spec.Ids) known[id.Name] = Scalar(id.Underlying);
        foreach (EnumType type in spec.Enums) known[type.Name] = Scalar(type.Underlying);

        // Own records hide those of the same name elsewhere, also before they are laid out.
        foreach (RecordType record in spec.Records) known.Remove(record.Name);
        RecordType[] records = spec.Records.ToArray();
        Dictionary<string, int> numbers = records.Select((r, i) => (r, i)).ToDictionary(p => p.r.Name, p => p.i, StringComparer.Ordinal);
        IReadOnlyList<int>[] dependencies = records.Select(r => (IReadOnlyList<int>)r.Fields.Where(f => numbers.ContainsKey(f.Type)).Select(f => numbers[f.Type]).Distinct().ToArray()).ToArray();
        (IReadOnlyList<int> order, IReadOnlyList<int> stuck) = Topology.Sort(records.Length, dependencies);
        HashSet<int> unordered = new(stuck);
        foreach (int i in order.Concat(stuck))
        {
            RecordLayout layout = LayoutEngine.LayOut(records[i], Find);
            RecordChecker.Report(layout, locations, bag);
            records[i] = layout.Record;
            if (!unordered.Contains(i)) known[layout.Record.Name] = new TypeLayout(layout.Record.Size, layout.Record.Alignment);
        }

        HashSet<int> cycle = new(Topology.OnCycles(stuck, dependencies));
        foreach (int i in cycle)
        {
            Field field = records[i].Fields.First(f => numbers.TryGetValue(f.Type, out int d) && cycle.Contains(d));
            bag.Report(AbiRules.CyclicRecord, locations.Find("structs", records[i].Name, "fields", field.Name, "type"), records[i].Name, field.Name);
        }

        return spec with
        {
            Records = new(records),
            Calls = new(spec.Calls.Select(c => RequestNumber.Complete(LayOut(c, Find, Register), spec.Framing, Find, locations, bag))),
            Interfaces = new(spec.Interfaces.Select(t => t with { Ops = new(t.Ops.Select(o => LayOut(o, Find, Register))) })),
        };

        int? Register(string name) => spec.Framing.Registers is { } block && numbers.TryGetValue(block.Record, out int i) ? records[i].Fields.FirstOrDefault(f => f.Name == name)?.Offset : null;

        TypeLayout? Find(string name) => known.TryGetValue(name, out TypeLayout layout) ? layout : null;
    }

    private static TypeLayout Scalar(string name) => new(ScalarTypes.SizeOf(name), ScalarTypes.SizeOf(name));

    private static Call LayOut(Call call, Func<string, TypeLayout?> find, Func<string, int?> registerOffset) => call with
    {
        Inputs = new(call.Inputs.Select(f => LayoutEngine.LayOut(f, find, registerOffset))),
        Outputs = new(call.Outputs.Select(f => LayoutEngine.LayOut(f, find, registerOffset))),
    };
}
