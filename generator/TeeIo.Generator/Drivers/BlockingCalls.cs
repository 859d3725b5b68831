using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace TeeIo.Generator.Drivers;

/// <summary>Knows the calls that wait, as a compilation sees them.</summary>
internal sealed class BlockingCalls
{
    // They block the thread itself, behind the scheduler's back. Monitor.Wait isn't here: it gives its lock up.
    private static readonly (string Type, string[] Members)[] _threads =
    {
        ("System.Threading.Thread", new[] { "Sleep", "Join" }),
        ("System.Threading.Monitor", new[] { "Enter", "TryEnter" }),
        ("System.Threading.Lock", new[] { "Enter", "EnterScope", "TryEnter" }),
        ("System.Threading.WaitHandle", new[] { "WaitOne", "WaitAny", "WaitAll" }),
        ("System.Threading.SemaphoreSlim", new[] { "Wait" }),
        ("System.Threading.ManualResetEventSlim", new[] { "Wait" }),
        ("System.Threading.CountdownEvent", new[] { "Wait" }),
        ("System.Threading.Barrier", new[] { "SignalAndWait" }),
        ("System.Threading.SpinWait", new[] { "SpinUntil" }),
        ("System.Threading.ReaderWriterLockSlim", new[] { "EnterReadLock", "EnterWriteLock", "EnterUpgradeableReadLock" }),
        ("System.Threading.Tasks.Task", new[] { "Wait", "WaitAll", "WaitAny" }),
        ("System.Threading.Tasks.Task`1", new[] { "Result" }),
        ("System.Threading.Tasks.ValueTask`1", new[] { "Result" }),
        ("System.Runtime.CompilerServices.TaskAwaiter", new[] { "GetResult" }),
        ("System.Runtime.CompilerServices.TaskAwaiter`1", new[] { "GetResult" }),
    };

    private static readonly (string Type, string[] Members)[] _tasks =
    {
        ("TeeIo.Scheduling.IActorScheduler", new[] { "WaitUntil", "Sleep" }),
        ("TeeIo.Scheduling.DeterministicScheduler", new[] { "WaitUntil", "Sleep" }),
        ("TeeIo.Guest.GuestMachine", new[] { "Sleep" }),
    };

    private static readonly (string Type, string[] Members)[] _points =
    {
        ("TeeIo.Scheduling.IActorScheduler", new[] { "Yield" }),
        ("TeeIo.Scheduling.DeterministicScheduler", new[] { "Yield" }),
        ("TeeIo.Scheduling.OrderedLock", new[] { "Acquire", "AcquireShared" }),
    };

    private static readonly string[] _crossing = { "Client", "Requester", "Boundary" };

    private readonly HashSet<ISymbol> _ofThreads;
    private readonly HashSet<ISymbol> _ofTasks;
    private readonly HashSet<ISymbol> _switches;

    public BlockingCalls(Compilation compilation) =>
        (_ofThreads, _ofTasks, _switches) = (Find(compilation, _threads), Find(compilation, _tasks), Find(compilation, _points));

    /// <summary>Whether <paramref name="member"/> blocks its thread.</summary>
    public bool BlocksThread(ISymbol member) => _ofThreads.Contains(member.OriginalDefinition);

    /// <summary>Whether <paramref name="member"/> waits for other tasks or for time to pass.</summary>
    public bool WaitsForTasks(ISymbol member) => _ofTasks.Contains(member.OriginalDefinition);

    /// <summary>Whether another task may run in <paramref name="member"/>: it takes an ordered lock, or crosses a generated boundary.</summary>
    public bool MaySwitch(ISymbol member) => _switches.Contains(member.OriginalDefinition) || Crosses(member);

    private static bool Crosses(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.Ordinary, ContainingType: { TypeKind: TypeKind.Class or TypeKind.Struct } type }
        && _crossing.Any(c => type.Name.EndsWith(c, System.StringComparison.Ordinal)) && DriverOps.IsGenerated(type);

    private static HashSet<ISymbol> Find(Compilation compilation, IEnumerable<(string Type, string[] Members)> calls) => new(
        calls.SelectMany(c => c.Members.SelectMany(m => compilation.GetTypesByMetadataName(c.Type).SelectMany(t => t.GetMembers(m)))), SymbolEqualityComparer.Default);
}
