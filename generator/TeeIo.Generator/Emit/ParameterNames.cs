using System;
using System.Collections.Generic;
using TeeIo.Abi;

namespace TeeIo.Generator.Emit;

/// <summary>Names of parameters that don't hide what a generated method's body uses.</summary>
internal static class ParameterNames
{
    private static readonly HashSet<string> _taken = new(StringComparer.Ordinal)
    {
        "hub", "transport", "server", "responder", "call", "crossing", "registers", "status", "request", "response", "answer", "message", "result", "destination", "header",
    };

    /// <summary>The parameter for the field <paramref name="name"/>.</summary>
    public static string For(string name)
    {
        string parameter = CSharpNames.Parameter(name);
        return _taken.Contains(parameter) ? parameter + "Value" : parameter;
    }
}
