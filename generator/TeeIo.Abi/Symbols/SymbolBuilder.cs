using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using TeeIo.Abi.Layout;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>Makes the symbols of a set of specs.</summary>
internal static class SymbolBuilder
{
    // What a spec exports depends on itself and on what the specs that it uses export. An editor asks for the whole set at every keystroke, and all but one spec are those of before.
    private static readonly ConditionalWeakTable<AbiSpec, Remembered> _remembered = new();

    /// <summary>The symbols of <paramref name="specs"/>, in their order. No two have the same name.</summary>
    public static SpecSymbols[] Build(IReadOnlyList<AbiSpec> specs)
    {
        Dictionary<string, int> numbers = new(specs.Count, StringComparer.Ordinal);
        for (int i = 0; i < specs.Count; i++) numbers.Add(specs[i].Name, i);
        int[][] uses = new int[specs.Count][];
        for (int i = 0; i < uses.Length; i++) uses[i] = specs[i].Uses.Count == 0 ? Array.Empty<int>() : Uses(specs[i], numbers);

        SpecSymbols[] symbols = new SpecSymbols[specs.Count];
        (IReadOnlyList<int> order, IReadOnlyList<int> stuck) = Topology.Sort(specs.Count, uses);
        foreach (int i in order) symbols[i] = Recall(specs[i], uses[i].Length == 0 ? Array.Empty<SpecSymbols>() : uses[i].Select(u => symbols[u]).ToArray());
        if (stuck.Count > 0) BuildTogether(specs, uses, stuck, symbols);
        return symbols;
    }

    private static int[] Uses(AbiSpec spec, Dictionary<string, int> numbers) =>
        spec.Uses.Where(u => u != spec.Name && numbers.ContainsKey(u)).Select(u => numbers[u]).Distinct().ToArray();

    private static SpecSymbols Recall(AbiSpec spec, SpecSymbols[] used)
    {
        if (_remembered.TryGetValue(spec, out Remembered known) && known.Used.SequenceEqual(used)) return known.Symbols;
        SpecTypes types = new(spec);
        types.Foreign.AddRange(used);
        LayOutRecords(new[] { types });
        SpecSymbols symbols = Symbols(spec, types);
        lock (_remembered)
        {
            _remembered.Remove(spec);
            _remembered.Add(spec, new Remembered(used, symbols));
        }

        return symbols;
    }

    // Specs that use each other have one order of layout over all of them.
    private static void BuildTogether(IReadOnlyList<AbiSpec> specs, int[][] uses, IReadOnlyList<int> stuck, SpecSymbols[] symbols)
    {
        Dictionary<int, SpecTypes> all = stuck.ToDictionary(i => i, i => new SpecTypes(specs[i]));
        foreach (int i in stuck)
        {
            all[i].Uses.AddRange(uses[i].Where(all.ContainsKey).Select(u => all[u]));
            all[i].Foreign.AddRange(uses[i].Where(u => !all.ContainsKey(u)).Select(u => symbols[u]));
        }

        LayOutRecords(stuck.Select(i => all[i]).ToArray());
        foreach (int i in stuck) symbols[i] = Symbols(specs[i], all[i]);
    }

    /// <summary>The symbols of one spec whose records are laid out, with what it sees of others.</summary>
    public static SpecSymbols Build(AbiSpec spec, SymbolTable visible)
    {
        SpecTypes types = new(spec);
        types.Foreign.AddRange(spec.Uses.Select(visible.Spec).OfType<SpecSymbols>());
        foreach (RecordType record in spec.Records) types.Add(record);
        return Symbols(spec, types);
    }

    // Records contain records of other specs, so the order of layout is one over all specs.
    private static void LayOutRecords(IReadOnlyList<SpecTypes> specs)
    {
        List<(SpecTypes Spec, RecordType Record)> nodes = specs.SelectMany(s => s.Records.Select(r => (s, r))).ToList();
        Dictionary<(SpecTypes, string), int> numbers = new();
        for (int i = 0; i < nodes.Count; i++)
        {
            if (!numbers.ContainsKey((nodes[i].Spec, nodes[i].Record.Name))) numbers.Add((nodes[i].Spec, nodes[i].Record.Name), i);
        }

        IReadOnlyList<int>[] dependencies = nodes.Select(n => (IReadOnlyList<int>)n.Record.Fields
            .Select(f => n.Spec.OwnerOf(f.Type) is { } owner && numbers.TryGetValue((owner, f.Type), out int d) ? d : -1)
            .Where(d => d >= 0).Distinct().ToArray()).ToArray();
        foreach (int i in Topology.Sort(nodes.Count, dependencies).Order)
            nodes[i].Spec.Add(LayoutEngine.LayOut(nodes[i].Record, nodes[i].Spec.Layout).Record);
    }

    private static SpecSymbols Symbols(AbiSpec spec, SpecTypes types)
    {
        Dictionary<string, string> classes = spec.Objects.ToDictionary(o => o.Name, o => o.ClassName, StringComparer.Ordinal);
        IEnumerable<CallSymbol> calls = spec.Calls.Select(c => Call(c, c.On, classes.TryGetValue(c.On, out string? name) ? name : "", types));
        IEnumerable<CallSymbol> ops = spec.Interfaces.SelectMany(i => i.Ops.Select(o => Call(o, i.Name, i.ClassName, types)));
        return new SpecSymbols(
            spec.Name, spec.Kind, spec.Namespace, spec.Profile,
            new(types.Symbols),
            new(calls.Concat(ops)),
            new(spec.Objects.Select(o => new OwnerSymbol(o.Name, o.ClassName))),
            new(spec.Interfaces.Select(i => new OwnerSymbol(i.Name, i.ClassName))),
            new(spec.Locks.Select(l => l.Name)),
            new(spec.Flow?.Columns.Select(c => c.Actor) ?? Array.Empty<string>()),
            new(spec.Flow?.Rows.Select(r => new RowSymbol(r.Row, r.Actor, r.After)) ?? Array.Empty<RowSymbol>()));
    }

    private static CallSymbol Call(Call call, string owner, string className, SpecTypes types)
    {
        EquatableArray<FieldSymbol> argument = call.Argument is null ? default : types.FieldsOf(call.Argument);
        EquatableArray<FieldSymbol> result = call.Result is null ? default : types.FieldsOf(call.Result);
        bool isArgumentOnly = call.Inputs.Count + call.Outputs.Count + result.Count == 0;
        IEnumerable<FieldSymbol> inline = call.Inputs.Concat(call.Outputs).Select(f => types.Symbol(LayoutEngine.LayOut(f, types.Layout, types.RegisterOffset)));
        return new CallSymbol(
            call.Name, call.MethodName, owner, className, call.Number, call.Request, call.SubCallOf, call.Argument, call.Result,
            isArgumentOnly ? argument : new(argument.Concat(result).Concat(inline)), new(call.Errors.Select(e => e.Name)));
    }

    /// <summary>The types of one spec while the set is being built.</summary>
    private sealed class SpecTypes
    {
        private readonly Dictionary<string, TypeSymbol> _own = new(StringComparer.Ordinal);
        private readonly List<TypeSymbol> _order = new();
        private readonly HashSet<string> _recordNames;
        private readonly AbiSpec _spec;

        public SpecTypes(AbiSpec spec)
        {
            _spec = spec;
            _recordNames = new(spec.Records.Select(r => r.Name), StringComparer.Ordinal);
            foreach (IdType id in spec.Ids) Add(Scalar(id.Name, TypeKind.Id, CSharpNames.Id(id.Name), id.Underlying, false, "", default));
            foreach (EnumType e in spec.Enums)
                Add(Scalar(e.Name, TypeKind.Enum, CSharpNames.Type(e.Name), e.Underlying, e.IsFlags, e.Prefix, new(e.Values.Select(v => $"{v.Name}={v.Value?.ToString(CultureInfo.InvariantCulture) ?? AbiNumber.Unknown}"))));
            foreach (HandleType h in spec.Handles) Add(new TypeSymbol(h.Name, TypeKind.Handle, spec.Namespace, h.CSharpType, 0, 1, "", false, "", default, default));
        }

        public IEnumerable<RecordType> Records => _spec.Records;

        public List<SpecTypes> Uses { get; } = new();

        public List<SpecSymbols> Foreign { get; } = new();

        public IEnumerable<TypeSymbol> Symbols => _order;

        public void Add(RecordType record) => Add(new TypeSymbol(
            record.Name, TypeKind.Record, _spec.Namespace, CSharpNames.Type(record.Name), record.Size, record.Alignment, "", false, "", default, new(record.Fields.Select(Symbol))));

        public SpecTypes? OwnerOf(string type) =>
            _recordNames.Contains(type) || _own.ContainsKey(type) ? this : Uses.FirstOrDefault(u => u._recordNames.Contains(type) || u._own.ContainsKey(type));

        public TypeLayout? Layout(string type) => Find(type) is { Kind: not TypeKind.Handle } found ? new TypeLayout(found.Size, found.Alignment) : null;

        public int? RegisterOffset(string register) =>
            _spec.Framing.Registers is { } block ? FieldsOf(block.Record).FirstOrDefault(f => f.Name == register)?.Offset : null;

        public EquatableArray<FieldSymbol> FieldsOf(string type) => Find(type)?.Fields ?? default;

        public FieldSymbol Symbol(Field field) =>
            new(field.Name, field.Type, field.Offset, field.Size, field.Count, field.Role, new(Find(field.Type)?.Values.Select(v => v.Substring(0, v.LastIndexOf('='))) ?? Array.Empty<string>()), field.Bits, field.Constant);

        private TypeSymbol? Find(string type)
        {
            if (_own.TryGetValue(type, out TypeSymbol? own)) return own;
            foreach (SpecTypes used in Uses)
            {
                if (used._own.TryGetValue(type, out TypeSymbol? found)) return found;
            }

            return Foreign.Select(s => s.Type(type)).FirstOrDefault(t => t is not null);
        }

        private TypeSymbol Scalar(string name, TypeKind kind, string csharp, string underlying, bool flags, string prefix, EquatableArray<string> values)
        {
            int size = ScalarTypes.SizeOf(underlying);
            return new TypeSymbol(name, kind, _spec.Namespace, csharp, size, size, underlying, flags, prefix, values, default);
        }

        private void Add(TypeSymbol type)
        {
            if (_own.ContainsKey(type.Name)) return;
            _own.Add(type.Name, type);
            _order.Add(type);
        }
    }

    /// <summary>What a spec exports, and what it was built with.</summary>
    private sealed class Remembered(SpecSymbols[] used, SpecSymbols symbols)
    {
        public SpecSymbols[] Used => used;

        public SpecSymbols Symbols => symbols;
    }
}
