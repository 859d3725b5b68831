namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Each type is there and has the options that it takes, in the place where it may stand.</summary>
internal sealed class SyzTypeCheck(SyzWorld world)
{
    private const int MostArguments = 9;
    private readonly List<string> _findings = [];
    private string _at = "";

    public IReadOnlyList<string> Findings()
    {
        foreach (SyzFile file in world.Files)
        {
            foreach (SyzNamed resource in file.Resources)
            {
                _at = $"{file.Name}:{resource.Line}";
                if (world.ScalarSize(resource.Values[0]) == 0) Add($"{resource.Values[0]} is no base of a resource");
            }

            foreach (SyzCall call in file.Calls) Call(file, call);
            foreach (SyzStruct type in file.Structs) Struct(file, type);
        }

        return _findings;
    }

    private void Add(string finding) => _findings.Add($"{_at}: {finding}");

    private void Call(SyzFile file, SyzCall call)
    {
        _at = $"{file.Name}:{call.Line}";
        if (call.Arguments.Count > MostArguments) Add($"{call.Name} has {call.Arguments.Count} arguments");
        foreach (SyzField argument in call.Arguments) Type(argument.Type, call.Arguments, argument, isArgument: true);
        if (call.Returns is { } returned && !world.IsResource(returned.Name)) Add($"{call.Name} returns no resource but {returned.Name}");
    }

    private void Struct(SyzFile file, SyzStruct type)
    {
        foreach (SyzField field in type.Fields)
        {
            _at = $"{file.Name}:{field.Line}";
            Type(field.Type, type.IsUnion ? [] : type.Fields, field, isArgument: false);
            bool isLast = field == type.Fields[^1];
            if (!type.IsPacked && (type.IsUnion || !isLast) && world.IsEndless(field.Type)) Add($"{field.Name} has no size and isn't the end of {type.Name}");
            if (type.IsUnion && field.Mark.Length > 0) Add($"{field.Name} of a union has a direction of its own");
            if (field.Mark is "out" or "inout" && field.Type.Name is "const" or "flags" or "len" or "bytesize" or "ptr" or "ptr64" or "vma64") Add($"{field.Name} is {field.Type.Name}, which the kernel only reads, and is marked as {field.Mark}");
        }
    }

    private void Type(SyzType type, IReadOnlyList<SyzField> siblings, SyzField self, bool isArgument)
    {
        // In memory a number has a size; as an argument it has a register's.
        int sized = isArgument ? 0 : 1;
        switch (type.Name)
        {
            case "const":
                Options(type, 1 + sized);
                if (type.Options.Count > 0 && (type.Options[0].IsString || type.Options[0].Options.Count > 0)) Add($"{type.Options[0].Name} is no value");
                if (!isArgument) Base(type);
                break;
            case "flags":
                Options(type, 1 + sized);
                if (type.Options.Count > 0 && !world.Sets.ContainsKey(type.Options[0].Name)) Add($"there is no set {type.Options[0].Name}");
                if (!isArgument) Base(type);
                break;
            case "len" or "bytesize":
                Options(type, 1 + sized);
                if (!isArgument) Base(type);
                if (type.Options.Count > 0) Measured(type.Options[0].Name, siblings, self);
                break;
            case "ptr" or "ptr64":
                Options(type, 2);
                if (type.Options.Count > 0 && type.Options[0].Name is not ("in" or "out" or "inout")) Add($"{type.Options[0].Name} is no direction");
                if (type.Options.Count == 2) Type(type.Options[1], siblings, self, isArgument: false);
                break;
            case "array":
                if (isArgument) Add("an array is no argument; a pointer to it is");
                if (type.Options.Count is < 1 or > 2 || (type.Options.Count == 2 && !type.Options[1].IsNumber)) Add("an array takes a type and perhaps a count");
                else Type(type.Options[0], [], self, isArgument: false);
                break;
            case "string":
                Options(type, 1);
                if (isArgument || type.Options.Any(o => !o.IsString)) Add("a string is text in memory");
                break;
            default:
                Options(type, 0);
                if (world.Structs.ContainsKey(type.Name) && isArgument) Add($"{type.Name} is no argument; a pointer to it is");
                else if (!world.Structs.ContainsKey(type.Name) && type.Name != "vma64" && world.ScalarSize(type.Name) == 0) Add($"there is no type {type.Name}");
                break;
        }
    }

    private void Options(SyzType type, int count)
    {
        if (type.Options.Count != count) Add($"{type.Name} has {type.Options.Count} options, not {count}");
    }

    private void Base(SyzType type)
    {
        if (type.Options.Count == 0 || !type.Options[^1].Name.StartsWith("int", StringComparison.Ordinal) || world.ScalarSize(type.Options[^1].Name) == 0) Add($"{type.Name} ends with no number's type");
    }

    private void Measured(string target, IReadOnlyList<SyzField> siblings, SyzField self)
    {
        if (target == "parent") return;
        if (target == self.Name) Add($"{target} measures itself");
        else if (siblings.All(s => s.Name != target)) Add($"there is no {target} to measure beside {self.Name}");
    }
}
