using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Registers;

/// <summary>What the templates need of one register call.</summary>
internal sealed class RegisterCallModel
{
    private readonly EmitContext _context;
    private readonly Call _call;
    private readonly List<RegisterArgument> _inputs;
    private readonly List<RegisterArgument> _outputs;

    public RegisterCallModel(EmitContext context, Call call)
    {
        _context = context;
        _call = call;
        _inputs = call.Inputs.Where(f => f.Role == FieldRole.Value).Select(f => new RegisterArgument(f, context)).ToList();
        _outputs = call.Outputs.Where(f => f.Role == FieldRole.Value).Select(f => new RegisterArgument(f, context)).ToList();
    }

    /// <summary>Whether only the software platform may carry it.</summary>
    public static bool IsModel(Call call, AbiSpec spec) => spec.Framing.Registers is null && IsModel(call);

    private static bool IsModel(Call call) => call.IsNumberless || call.Provenance.Status == AbiStatus.Model;

    private IEnumerable<RegisterArgument> OnlyOutputs => _outputs.Where(o => !IsShared(o));

    private string Info => $"{CallTableModel.TableName(_context)}.{CallTableModel.PropertyName(_call, _context.Spec)}";

    /// <summary>The call's model.</summary>
    public ScriptObject Build()
    {
        bool hasOneResult = OnlyOutputs.Count() == 1 && !_inputs.Any(IsShared);
        RegisterArgument? result = hasOneResult ? _outputs[0] : null;
        string resultType = result?.Type ?? "void";
        Framing framing = _context.Spec.Framing;
        string status = RegisterArgument.PlaceOf(framing, framing.StatusRegister!);
        string method = _call.MethodName;
        return new ScriptObject
        {
            ["method"] = method,
            ["name"] = _call.Name,
            ["info"] = Info,
            ["answers"] = Literal.Hex(Mask(_outputs)),
            ["needed"] = Literal.Hex(Mask(_inputs) | Always()),
            ["passed"] = Literal.Hex(Mask(call: true) | Always() | Always(framing.SelectorRegister)),
            ["answered"] = Literal.Hex(Mask(call: false)),
            ["is_numberless"] = _call.IsNumberless,
            ["selector"] = _call.IsNumberless || framing.SelectorRegister is null ? "" : framing.Registers is null ? Word(Selector()) : Literal.Hex(Selector()),
            ["is_named"] = _call.IsNumberless || framing.SelectorRegister is null,
            ["docs"] = Document(withResult: true),
            ["throwing_docs"] = Document(withResult: false, result),
            ["parameters"] = ParameterList.Join(Parameters(true), 17 + RegisterBlockModel.StatusType(_context).Length + method.Length, 2),
            ["throwing_parameters"] = ParameterList.Join(Parameters(result is null), 20 + method.Length + resultType.Length, 2),
            ["result_type"] = resultType,
            ["result"] = result?.Name ?? "",
            ["throwing_arguments"] = ParameterList.Join(Arguments(result), 24 + method.Length, 3),
            ["stores"] = Stores().ToArray(),
            ["loads"] = _outputs.Select(o => $"{o.Name} = {o.Take()};").ToArray(),
            ["reserved"] = Reserved().ToArray(),
            ["serve"] = Serve(status).ToArray(),
        };
    }

    // Registers of the spec's own as bits: the n-th is bit n.
    private static ulong Mask(IEnumerable<RegisterArgument> arguments) => arguments.Where(a => !a.Field.IsOptional).Aggregate(0UL, (m, a) => m | (1UL << (a.Field.Offset / 8)));

    private ulong Mask(bool call) => (call ? _call.Inputs : _call.Outputs).Aggregate(0UL, (m, f) => m | (1UL << (f.Offset / 8)));

    private ulong Always() => _context.Spec.Framing.Registers is { } block ? Always(block.Always.ToArray()) : 0;

    private ulong Always(params string?[] registers) => RegisterBlockModel.Bits(_context, registers);

    private bool IsShared(RegisterArgument argument) => _inputs.Any(i => i.Name == argument.Name) && _outputs.Any(o => o.Name == argument.Name);

    private ulong Selector()
    {
        Framing framing = _context.Spec.Framing;
        ulong number = _call.Number!.Value << (framing.SelectorBits?.Low ?? 0);
        return framing.VersionBits is { } bits ? number | ((ulong)_call.Version << bits.Low) : number;
    }

    private string[] Parameters(bool withOutputs)
    {
        IEnumerable<string> inputs = _inputs.Select(i => $"{(IsShared(i) ? "ref " : "")}{i.Type} {i.Name}");
        return withOutputs ? inputs.Concat(OnlyOutputs.Select(o => $"out {o.Type} {o.Name}")).ToArray() : inputs.ToArray();
    }

    private string[] Arguments(RegisterArgument? result) =>
        _inputs.Select(i => (IsShared(i) ? "ref " : "") + i.Name).Concat(OnlyOutputs.Select(o => $"out {(o == result ? o.Type + " " : "")}{o.Name}")).ToArray();

    private IEnumerable<string> Serve(string status)
    {
        foreach (RegisterArgument shared in _inputs.Where(IsShared)) yield return $"{shared.Type} {shared.Name} = {shared.Take()};";
        yield return $"{RegisterBlockModel.StatusType(_context)} status = server.{_call.MethodName}({ParameterList.Join(ServerArguments(), 40 + _call.MethodName.Length, 1)});";
        foreach (string store in RegisterArgument.Stores(_outputs.Select(o => (o.Register, o.Place())))) yield return store;
        if (_context.Spec.Framing.Registers is null) yield return $"{status} = status;";
    }

    private string[] ServerArguments() =>
        _inputs.Select(i => IsShared(i) ? $"ref {i.Name}" : i.Take()).Concat(OnlyOutputs.Select(o => $"out {o.Type} {o.Name}")).ToArray();

    private IEnumerable<string> Stores()
    {
        Framing framing = _context.Spec.Framing;
        // A selector that no call has: a call without a number is meant by name.
        if (framing.SelectorRegister is { } selector)
            yield return $"{RegisterArgument.PlaceOf(framing, selector)} = {(_call.IsNumberless ? "ulong.MaxValue" : framing.Registers is null ? Word(Selector()) : Literal.Hex(Selector()))};";
        foreach ((string register, ulong value) in Fixed(framing)) yield return $"registers[{register}] = {Word(value)};";
        IEnumerable<(string, string)> constants = _call.Inputs.Where(f => f.Role == FieldRole.Constant)
            .Select(f => (RegisterArgument.PlaceOf(framing, f.Register!), Literal.Hex(f.Constant << (f.Bits?.Low ?? 0))));
        foreach (string store in RegisterArgument.Stores(_inputs.Select(i => (i.Register, i.Place())).Concat(constants))) yield return store;
    }

    // A decimal above that of 63 bits would be read as a negative one.
    private static string Word(ulong value) => value > long.MaxValue ? Literal.Hex(value) : Literal.Decimal((long)value);

    /// <summary>The registers that have one value in every call.</summary>
    public static IEnumerable<(string Register, ulong Value)> Fixed(Framing framing)
    {
        foreach (string entry in framing.FixedRegisters)
        {
            int at = entry.IndexOf('=');
            if (AbiNumber.TryParse(entry.Substring(at + 1), out ulong value)) yield return (RegisterArgument.RegisterNamed(entry.Substring(0, at)), value);
        }
    }

    private IEnumerable<ScriptObject> Reserved() => _call.Inputs.Where(f => f.Role == FieldRole.Zero).GroupBy(f => f.Register).Select(g =>
    {
        ulong mask = g.Aggregate(0UL, (m, f) => m | RegisterArgument.MaskOf(f));
        string place = RegisterArgument.PlaceOf(_context.Spec.Framing, g.Key!);
        return new ScriptObject
        {
            ["register"] = _context.Spec.Framing.Registers is null ? RegisterArgument.RegisterNamed(g.Key!) : "",
            ["bits"] = mask == ulong.MaxValue ? place : $"({place} & {Literal.Hex(mask)})",
        };
    });

    private string Document(bool withResult, RegisterArgument? returned = null)
    {
        List<string> remarks = new() { _call.IsNumberless ? "Its number is public nowhere." : $"Number {(_context.Spec.Framing.Registers is null ? Word(_call.Number!.Value) : Literal.Hex(_call.Number!.Value))}{(_call.Version > 0 ? $", version {_call.Version}" : "")}." };
        remarks.AddRange(Docs.Outcomes(_call));
        List<string?> lines = new();
        foreach (RegisterArgument argument in _inputs.Concat(OnlyOutputs).Where(a => a != returned))
            lines.Add(ParameterList.Doc(argument.Name, argument.Field.Provenance.Doc, argument.Field.Unit));
        if (withResult) lines.Add("<returns>The status.</returns>");
        else if (returned is not null) lines.Add($"<returns>{Docs.Sentence(returned.Field.Provenance.Doc)}</returns>");
        if (!withResult) lines.Add("<exception cref=\"AbiException\">The call failed.</exception>");
        string head = Docs.Of(1, _call.Provenance, _context.Spec.Provenance, _call.Name, remarks);
        return lines.Count == 0 ? head : head + "\n" + Docs.Lines(1, lines.ToArray());
    }
}
