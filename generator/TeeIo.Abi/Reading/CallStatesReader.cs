using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Reading;

/// <summary>Reads states before and after a call.</summary>
internal static class CallStatesReader
{
    /// <summary>The key under which any one of several kinds of states will do.</summary>
    public const string AnyOf = "any-of";

    /// <summary>Reads the states of the enumeration <paramref name="name"/>.</summary>
    public static void Read(MapReader map, string name, List<CallStates> states)
    {
        EquatableArray<string> values = map.Texts(name);
        if (values.Count > 0) states.Add(new CallStates(name, values));
        else if (map.Take(name) is YamlList { Items.Count: 0 }) map.Wrong(name, name, "followed by a state; write it or a list of them");
    }

    /// <summary>Reads those of which one will do, as one entry.</summary>
    public static void ReadAnyOf(MapReader map, List<CallStates> states)
    {
        if (map.Map(AnyOf) is not { } choices) return;
        List<CallStates> any = new();
        foreach (string name in choices.Keys) Read(choices, name, any);
        if (any.Count > 1) states.Add(any[0] with { Else = new(any.Skip(1)) });
        else map.Wrong(AnyOf, AnyOf, "followed by two kinds of states or more; one kind stands without it");
    }
}
