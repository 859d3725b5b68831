using System.Globalization;
using TeeIo.Abi.Checking;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>Adds calls. Nobody serves them yet, so they are one-sided.</summary>
internal sealed class CallImport(ImportScope scope)
{
    public void Run()
    {
        Dictionary<string, Call> known = scope.Spec.Calls.Where(c => c.Request is not null).DistinctBy(c => c.CName ?? c.Name).ToDictionary(c => c.CName ?? c.Name, StringComparer.Ordinal);
        HeaderCall[] ordered = [.. scope.Header.Calls.OrderBy(c => c.Line)];
        IEnumerable<(string, int)> places = ordered.Where(c => known.ContainsKey(c.Name)).Select(c => (known[c.Name].Name, c.Line));
        foreach (HeaderCall call in ordered.Where(c => scope.IsNewNumber(c.Name)))
        {
            if (scope.Spec.Framing.IoctlType is { } type && type != RequestNumber.Split(call.Request).Type)
            {
                scope.ByHand(call.Name, call.Line, $"its number {Hex.Of(call.Request)} is of another type of ioctl than the spec's {Hex.Of(type)}; it belongs into another spec");
                continue;
            }

            // Neighbours in the header go to one kind of file, and numbers are written alike.
            Call? near = ordered.Where(c => c.Line < call.Line).Select(c => known.GetValueOrDefault(c.Name)).LastOrDefault(c => c is not null) ?? known.Values.FirstOrDefault();
            scope.AddItem("calls", call.Line, places, Block(call, near));
            scope.Added(call.Name, call.Line, Hex.Of(call.Request));
        }
    }

    private string Block(HeaderCall call, Call? near)
    {
        string model = near is not null && scope.Text.Find("calls", near.Name, "nr") is YamlScalar nr ? nr.Text : "0x00";
        (_, uint number, int size, string access) = RequestNumber.Split(call.Request);
        List<string> lines = [$"  {call.Name}:", $"    nr: {NumberText.Like(model, number)}", $"    request: {Request(call)}"];
        if (scope.Spec.Objects.Count > 1) lines.Add($"    on: {near?.On ?? scope.Spec.Objects[0].Name}");
        if (scope.Spec.Framing.EncodesSize) lines.Add($"    access: {access}");
        if (Argument(call, size) is { } argument) lines.Add(argument);
        lines.AddRange([$"    one-sided: true{scope.SinceLine("    ")}", "    doc: TODO"]);
        return string.Join('\n', lines);
    }

    private string? Argument(HeaderCall call, int size)
    {
        if (scope.Header.ArgumentOf(call) is { } tag)
        {
            if (scope.RecordNamed(tag) is { } name) return $"    arg: {name}";
            if (scope.IsNewRecord(tag) && scope.Header.Records.Any(r => r.Name == tag)) return $"    arg: {tag}";
            scope.ByHand(call.Name, call.Line, $"its argument 'struct {tag}' is no record of the spec; write it and name it in 'arg:'");
        }
        else if (call.Argument is { } type)
        {
            scope.ByHand(call.Name, call.Line, $"it takes '{type}'; say how in 'in:'");
        }
        else if (scope.Spec.Framing.EncodesSize)
        {
            scope.ByHand(call.Name, call.Line, "its number tells of no record, but it may take a number: if it does, say so in 'in:'");
        }
        else
        {
            scope.ByHand(call.Name, call.Line, "neither its number nor a comment tells what it takes; name its record in 'arg:' if it has one");
        }

        return size > 0 ? $"    size: {size.ToString(CultureInfo.InvariantCulture)}" : null;
    }

    private string Request(HeaderCall call) => scope.Spec.Framing.EncodesSize ? "0x" + call.Request.ToString("X8", CultureInfo.InvariantCulture) : Hex.Of(call.Request);
}
