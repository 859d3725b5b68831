using System.Reflection;

namespace TeeIo.Tdx.Tests.Boundaries;

/// <summary>Stands in for a server of many calls: notes what reaches it, and answers as a test says.</summary>
public class StubServer : DispatchProxy
{
    private Func<string, object?[], ulong> _answer = (_, _) => 0;

    /// <summary>The calls that came, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Arguments of the last one.</summary>
    public object?[] Arguments { get; private set; } = [];

    /// <summary>A server.</summary>
    /// <param name="answer">Gets the call's name and arguments, sets outputs among them and gives the status; null for zeroes and success.</param>
    public static (T Server, StubServer Stub) Of<T>(Func<string, object?[], ulong>? answer = null)
        where T : class
    {
        T server = Create<T, StubServer>();
        var stub = (StubServer)(object)server;
        stub._answer = answer ?? stub._answer;
        return (server, stub);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add(targetMethod!.Name);
        Arguments = args ?? [];
        foreach (ParameterInfo output in targetMethod.GetParameters().Where(p => p.IsOut))
            Arguments[output.Position] = Activator.CreateInstance(output.ParameterType.GetElementType()!);
        return _answer(targetMethod.Name, Arguments);
    }
}
