using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Which function is bound to which VM now, as the TSM core's calls and its driver's tell: an admin's disconnect unbinds without the core's unbind, and of an unbind that ends badly the
/// flow's effects say whether the firmware has let go all the same.</summary>
/// <param name="profile">The profile whose effects count, or null.</param>
internal sealed class BoundFunctions(FlowProfile? profile = null)
{
    private readonly Dictionary<ulong, ulong> _owners = [];
    private readonly Dictionary<string, ulong> _functions = new(StringComparer.Ordinal);

    /// <summary>Takes note of a crossing that has ended.</summary>
    public void Apply(Crossing crossing)
    {
        if (crossing.Side != CrossingSide.Server || !crossing.IsSuccess) return;
        if (crossing.Call == TsmCoreCalls.TsmBind && Read(crossing, "function") is { } bound && Read(crossing, "vm") is { } owner) Bind(crossing.Subject, bound, owner);
        else if (crossing.Call == TsmCoreCalls.TsmUnbind && Read(crossing, "function") is { } unbound) _owners.Remove(unbound);
        else if (crossing.Call == HostTsmCalls.Unbind && Read(crossing, "tdi") is { } released) _owners.Remove(released);
        else if (LetsGo(crossing) && UnbindAround(crossing) is { } unbind && Read(unbind, "tdi") is { } forgotten) _owners.Remove(forgotten);
    }

    /// <summary>Whether a function is bound.</summary>
    public bool Contains(ulong function) => _owners.ContainsKey(function);

    /// <summary>The function that a TDI is bound by, or null.</summary>
    public ulong? FunctionOf(string? subject) => subject is not null && _functions.TryGetValue(subject, out ulong function) && Contains(function) ? function : null;

    /// <summary>A function that is bound under a name or under one of the VM with that name, or null; any that is bound where there is no name.</summary>
    public ulong? BoundOf(string? subject)
    {
        foreach ((string name, ulong function) in _functions)
        {
            bool isMeant = subject is null || name == subject || name.StartsWith(subject + "/", StringComparison.Ordinal);
            if (isMeant && Contains(function)) return function;
        }

        return null;
    }

    /// <summary>A function that is bound to a VM, or null.</summary>
    public ulong? OwnedBy(ulong vm) => _owners.ContainsValue(vm) ? _owners.First(o => o.Value == vm).Key : null;

    public static ulong? Read(Crossing crossing, string name) => CrossingArguments.TryRead(crossing, name, out ulong value) ? value : null;

    private bool LetsGo(Crossing crossing) =>
        profile is not null && profile.Effects.Any(e => e is { Variable: "bound", Value: "no" } && FlowMatcher.IsMatch(e.Match, crossing));

    private static Crossing? UnbindAround(Crossing crossing)
    {
        Crossing? around = crossing.Parent;
        while (around is not null && around.Call != HostTsmCalls.Unbind) around = around.Parent;
        return around;
    }

    private void Bind(string? subject, ulong function, ulong owner)
    {
        _owners[function] = owner;
        if (subject is not null) _functions[subject] = function;
    }
}
