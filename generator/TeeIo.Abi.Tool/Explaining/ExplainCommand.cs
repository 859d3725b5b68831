using System.CommandLine;
using System.Globalization;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary><c>teeio-abi explain</c>: what a number, a name or a line of strace means, in every profile and tree.</summary>
internal static class ExplainCommand
{
    private static readonly IReadOnlyList<string> _columns = ["what", "number", "kind", "name", "abi", "profile", "status", "since", "record", "doc", "source"];

    public static Command Create()
    {
        Argument<string?> what = new("what") { Description = "A number (0x3B94), an ioctl as strace prints it: \"ioctl(5, 0x3b85, …)\", or the name of a call (TDH.TDI.STOP) or of a sequence of calls (connect)", DefaultValueFactory = _ => null };
        Option<FileInfo?> strace = new("--strace") { Description = "A file that strace wrote: explains each ioctl in it that a spec knows" };
        Option<string?> bytes = new("--bytes") { Description = "The argument's bytes in hex, to read as each meaning's record" };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("explain", "What a number, a call's name, or each ioctl of an strace means in every profile and tree, where a call is made, and which calls a sequence makes. Exit code 1 where nobody knows it.") { what, strace, bytes, specs, format };
        command.SetAction(parsed =>
        {
            List<string> questions = parsed.GetValue(what) is { } one ? [one] : [];
            if (parsed.GetValue(strace) is { } file) questions.AddRange(File.ReadLines(file.FullName).Where(l => l.Contains("ioctl(", StringComparison.Ordinal)));
            if (questions.Count == 0) throw new ToolException("say what to explain: a number, an ioctl, a call, a sequence, or --strace FILE");
            return Run(SpecFolder.LoadRight(parsed.GetValue(specs)), questions, parsed.GetValue(bytes), parsed.GetValue(format), Console.Out);
        });
        return command;
    }

    /// <summary>Explains each of <paramref name="questions"/>.</summary>
    public static int Run(SpecFolder folder, IReadOnlyList<string> questions, string? bytes, OutputFormat format, TextWriter output)
    {
        NumberIndex index = new(folder.Set);
        byte[] argument = bytes is null ? [] : Bytes(bytes);
        List<IReadOnlyList<string?>> rows = [];
        List<IReadOnlyList<string?>> steps = [];
        List<IReadOnlyList<string?>> states = [];
        List<IReadOnlyList<string?>> uses = [];
        List<IReadOnlyList<string?>> fields = [];
        int known = 0;
        foreach (string question in questions)
        {
            // A name may be a sequence's in one spec and a call's in another.
            IReadOnlyList<string?>[] calls = [.. Steps(folder.Set, question.Trim())];
            steps.AddRange(calls);
            IReadOnlyList<Meaning> named = index.OfCall(question.Trim());
            uses.AddRange(named.SelectMany(m => CallUses.Of(folder.Set, m.Spec, m.Name)).Select(u => (IReadOnlyList<string?>)[u.Spec.Name, u.Where, u.What]));
            IReadOnlyList<Meaning> meanings = calls.Length + named.Count > 0 ? named : Meanings(folder.Set, index, question);
            if (calls.Length + meanings.Count > 0) known++;
            foreach (Meaning m in meanings)
            {
                rows.Add([
                    question.Trim(), m.Number is null && m.Call is { IsNumberless: false } ? null : Hex.Of(m.Number), m.Kind, m.Name, m.Spec.Name, m.Profile, m.Provenance.Status.ToString().ToLowerInvariant(), m.Provenance.Since,
                    m.Record is null ? null : string.Create(CultureInfo.InvariantCulture, $"{m.Record.Name}, {m.Record.Size} bytes"), m.Provenance.Doc, m.Provenance.Source]);
                if (m.Call is { } call && (call.Allowed.Count > 0 || call.Then.Count > 0)) states.Add([m.Spec.Name, m.Name, CallStates.Text(call.Allowed), CallStates.Text(call.Then)]);
                if (m.Record is null || argument.Length == 0) continue;
                fields.AddRange(new RecordText(index, m.Spec).Read(m.Record, argument).Select(f => (IReadOnlyList<string?>)[m.Spec.Name, m.Record.Name, f.Name, f.Value]));
            }
        }

        Report.Write(
            output, format, string.Create(CultureInfo.InvariantCulture, $"{known} of {questions.Count} known"),
            new Section("meanings", "Meanings", _columns, rows),
            new Section("sequences", "Sequences", ["abi", "step", "call", "if", "repeat", "doc"], steps),
            new Section("states", "States", ["abi", "call", "allowed", "then"], states), new Section("uses", "Made in", ["abi", "where", "what"], uses),
            new Section("fields", "Argument", ["abi", "record", "field", "value"], fields));
        return known > 0 ? ExitCode.Ok : ExitCode.Found;
    }

    private static IEnumerable<IReadOnlyList<string?>> Steps(AbiSet set, string name) =>
        from spec in set.Specs
        from sequence in spec.Sequences
        where sequence.Name == name
        from step in sequence.Steps.Select((s, i) => (Step: s, Number: (i + 1).ToString(CultureInfo.InvariantCulture)))
        select (IReadOnlyList<string?>)[spec.Name, step.Number, step.Step.Call, step.Step.If, step.Step.Repeat, step.Step.Doc.Length > 0 ? step.Step.Doc : null];

    private static IReadOnlyList<Meaning> Meanings(AbiSet set, NumberIndex index, string question)
    {
        if (StraceLine.Number(question.Trim()) is { } number) return index.Of(number);
        if (StraceLine.Request(question) is { } request) return index.OfRequest(request);
        if (question.Contains("ioctl(", StringComparison.Ordinal)) return [];
        string hint = Meant(set, index, question.Trim()) is { } meant ? $"; did you mean '{meant}'?" : "";
        throw new ToolException($"'{question}' is neither a number, nor an ioctl as strace prints it, nor a call or a sequence{hint}");
    }

    // Names of calls are long: who types the end of one means it, and who types another end than there is means one of those that begin so.
    private static string? Meant(AbiSet set, NumberIndex index, string typed)
    {
        string[] names = [.. index.CallNames.Concat(set.Specs.SelectMany(s => s.Sequences).Select(s => s.Name)).Distinct()];
        string upper = typed.ToUpperInvariant();
        string stem = upper[..(upper.LastIndexOfAny(['.', '_']) + 1)];
        return Array.Find(names, n => typed.Length > 2 && n.EndsWith(typed, StringComparison.OrdinalIgnoreCase))
            ?? Suggestion.For(upper, names.Where(n => stem.Length > 0 && n.StartsWith(stem, StringComparison.Ordinal)))
            ?? Suggestion.For(upper, names)
            ?? Suggestion.For(typed, names);
    }

    private static byte[] Bytes(string hex)
    {
        try
        {
            return Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal).Replace("\\x", "", StringComparison.Ordinal));
        }
        catch (FormatException e)
        {
            throw new ToolException($"--bytes wants pairs of hex digits: {e.Message}", e);
        }
    }
}
