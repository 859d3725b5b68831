namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>All that is declared is used, and each resource is both made by a call and taken by one.</summary>
internal sealed class SyzUseCheck(SyzWorld world)
{
    private const string In = "in";
    private const string Out = "out";
    private readonly HashSet<string> _used = [];
    private readonly HashSet<string> _usedSets = [];
    private readonly HashSet<string> _made = [];
    private readonly HashSet<string> _taken = [];
    private readonly HashSet<(string Type, string Direction, bool CanMake)> _seen = [];

    public IEnumerable<string> Findings()
    {
        foreach (SyzCall call in world.Files.SelectMany(f => f.Calls))
        {
            foreach (SyzField argument in call.Arguments) Visit(argument.Type, In, canMake: true);
            if (call.Returns is { } returned) Visit(returned, Out, canMake: true);
        }

        foreach (SyzFile file in world.Files)
        {
            foreach (SyzStruct type in file.Structs.Where(s => !_used.Contains(s.Name))) yield return $"{file.Name}:{type.Line}: nothing uses {type.Name}";
            foreach (SyzNamed set in file.Sets.Where(s => !_usedSets.Contains(s.Name))) yield return $"{file.Name}:{set.Line}: nothing uses {set.Name}";
            foreach (SyzNamed resource in file.Resources)
            {
                if (!_made.Contains(resource.Name)) yield return $"{file.Name}:{resource.Line}: no call makes {resource.Name}";
                if (!_taken.Contains(resource.Name)) yield return $"{file.Name}:{resource.Line}: no call takes {resource.Name}";
            }
        }
    }

    private void Visit(SyzType type, string direction, bool canMake)
    {
        if (type.Name == "flags") _usedSets.Add(type.Options[0].Name);
        if (world.IsResource(type.Name))
        {
            if (canMake && direction != In) _made.Add(type.Name);
            if (direction != Out) _taken.Add(type.Name);
        }
        else if (world.Structs.TryGetValue(type.Name, out SyzStruct? inner))
        {
            // A union may choose another field, so that it makes nothing for certain.
            canMake &= !inner.IsUnion;
            if (!_seen.Add((type.Name, direction, canMake))) return;
            _used.Add(type.Name);
            foreach (SyzField field in inner.Fields) Visit(field.Type, field.Mark.Length > 0 ? field.Mark : direction, canMake);
        }
        else if (type.Name is "ptr" or "ptr64")
        {
            Visit(type.Options[1], type.Options[0].Name, canMake);
        }
        else if (type.Name == "array")
        {
            Visit(type.Options[0], direction, canMake);
        }
    }
}
