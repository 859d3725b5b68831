using System.Reflection;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Tests;

/// <summary>A host of which a test writes only the call that it is about.</summary>
public class GhcbServerProxy : DispatchProxy
{
    private Func<string, object?[], GhcbStatus> _serve = (_, _) => GhcbStatus.Success;

    /// <summary>A host that serves with <paramref name="serve"/>, which gets the call's name and its arguments and may set those that come back.</summary>
    public static IGhcbServer Create(Func<string, object?[], GhcbStatus> serve)
    {
        IGhcbServer server = Create<IGhcbServer, GhcbServerProxy>();
        ((GhcbServerProxy)(object)server)._serve = serve;
        return server;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ParameterInfo[] parameters = targetMethod!.GetParameters();
        for (int i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].IsOut) args![i] = Activator.CreateInstance(parameters[i].ParameterType.GetElementType()!);
        }

        return _serve(targetMethod.Name, args!);
    }
}
