using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>allowed</c> and <c>then</c> of a call.</summary>
internal static class CallStatesReader
{
    /// <summary>The key under which any one of several kinds of states will do.</summary>
    public const string AnyOf = "any-of";

    /// <summary>The states in which a call works. It may want one of several things.</summary>
    public static EquatableArray<CallStates> Before(MapReader call)
    {
        List<CallStates> states = new();
        if (call.Map("allowed") is { } map)
        {
            foreach (string name in map.Keys)
            {
                if (name == AnyOf) ReadChoice(map, states);
                else Read(map, name, states);
            }
        }

        return new(states);
    }

    /// <summary>The states that it leads to, all of them.</summary>
    public static EquatableArray<CallStates> After(MapReader call)
    {
        List<CallStates> states = new();
        if (call.Map("then") is { } map)
        {
            foreach (string name in map.Keys) Read(map, name, states);
        }

        return new(states);
    }

    private static void Read(MapReader map, string name, List<CallStates> states)
    {
        EquatableArray<string> values = map.Texts(name);
        if (values.Count > 0) states.Add(new CallStates(name, values));
        else if (map.Take(name) is YamlList { Items.Count: 0 }) map.Wrong(name, name, "followed by a state; write it or a list of them");
    }

    private static void ReadChoice(MapReader map, List<CallStates> states)
    {
        if (map.Map(AnyOf) is not { } choices) return;
        List<CallStates> any = new();
        foreach (string name in choices.Keys) Read(choices, name, any);
        if (any.Count > 1) states.Add(any[0] with { Else = new(any.Skip(1)) });
        else map.Wrong(AnyOf, AnyOf, "followed by two kinds of states or more; one kind stands without it");
    }
}
