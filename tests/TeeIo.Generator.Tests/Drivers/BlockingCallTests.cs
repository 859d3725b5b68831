using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using TeeIo.Generator.Drivers;

namespace TeeIo.Generator.Tests.Drivers;

public class BlockingCallTests
{
    [Theory]
    [InlineData("using LockHold hold = _lock.Acquire(); ", "_scheduler.WaitUntil(() => true, \"it\")")]
    [InlineData("using LockHold hold = _lock.AcquireShared(); ", "_scheduler.Sleep(default)")]
    [InlineData("using LockHold hold = _lock.Acquire(); if (_lock.IsFree) { ", "_machine.Sleep(default)", " }")]
    [InlineData("using (LockHold hold = _lock.Acquire()) ", "Thread.Sleep(1)")]
    [InlineData("using (_lock.Acquire()) { ", "Task.CompletedTask.Wait()", " }")]
    [InlineData("using LockHold hold = _lock.Acquire(); int a = ", "Task.FromResult(1).Result")]
    [InlineData("using LockHold hold = _lock.Acquire(); ", "Task.CompletedTask.GetAwaiter().GetResult()")]
    [InlineData("using LockHold hold = _lock.Acquire(); ", "Monitor.Enter(_gate)")]
    [InlineData("using LockHold hold = _lock.Acquire(); ", "new SemaphoreSlim(1).Wait()")]
    [InlineData("lock (_gate) { ", "_scheduler.Yield()", " }")]
    [InlineData("lock (_gate) { ", "_scheduler.WaitUntil(() => true, \"it\")", " }")]
    [InlineData("lock (_gate) { using LockHold hold = ", "_lock.Acquire()", " }")]
    [InlineData("lock (_gate) ", "_iommufd.IoasAlloc()")]
    [InlineData("lock (_gate) ", "Thread.Sleep(1)")]
    public async Task A_call_that_waits_under_a_lock_is_reported_where_it_stands(string before, string call, string after = "")
    {
        string source = Source("class Acme", before + call + ";" + after);
        Diagnostic found = Assert.Single(await Diagnostics(source));
        Assert.Equal(("TSM0003", DiagnosticSeverity.Warning), (found.Id, found.Severity));
        Assert.Equal(call, source.Substring(found.Location.SourceSpan.Start, found.Location.SourceSpan.Length));
        Assert.Contains(before.StartsWith("lock", StringComparison.Ordinal) ? "inside 'lock (_gate)'" : "while '_lock' is held", found.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_scheduler.WaitUntil(() => true, \"it\"); using LockHold hold = _lock.Acquire();")]
    [InlineData("using (LockHold hold = _lock.Acquire()) { } _scheduler.Sleep(default);")]
    [InlineData("{ using LockHold hold = _lock.Acquire(); } Thread.Sleep(1);")]
    [InlineData("using LockHold hold = _lock.Acquire(); using LockHold inner = _other.Acquire();")]
    [InlineData("using LockHold hold = _lock.Acquire(); _iommufd.IoasAlloc(); _scheduler.Yield();")]
    [InlineData("using LockHold hold = _lock.Acquire(); _scheduler.Start(\"later\", () => _scheduler.Sleep(default));")]
    [InlineData("lock (_gate) { Monitor.Wait(_gate); }")]
    [InlineData("lock (_gate) { _ = _lock.IsFree; }")]
    [InlineData("Thread.Sleep(1);")]
    public async Task What_holds_up_nobody_is_not(string body) => Assert.Empty(await Diagnostics(Source("class Acme", body)));

    [Fact]
    public async Task A_driver_must_not_block_its_thread_anywhere_and_may_wait_by_the_scheduler()
    {
        const string Head = "[TsmDriver] public sealed partial class Acme : TrustedIommuDriver";
        Diagnostic found = Assert.Single(await Diagnostics(Source(Head, "Thread.Sleep(1); _scheduler.Sleep(default);")));
        Assert.StartsWith("'Thread.Sleep' waits in a driver", found.GetMessage(), StringComparison.Ordinal);
    }

    private static Task<ImmutableArray<Diagnostic>> Diagnostics(string source)
    {
        Assert.DoesNotContain(DriverFixture.Errors(source), e => e != "CS0534");
        return DriverFixture.Diagnostics(new BlockingCallAnalyzer(), source);
    }

    private static string Source(string head, string body) => $$"""
        using System.Threading; using System.Threading.Tasks; using TeeIo.Boundaries; using TeeIo.Guest; using TeeIo.Linux.Iommufd; using TeeIo.Scheduling; using TeeIo.Tsm;
        namespace Vendor;
        {{head}}
        {
            private readonly IActorScheduler _scheduler = null!;
            private readonly GuestMachine _machine = null!;
            private readonly IommufdClient _iommufd = default;
            private readonly OrderedLock _lock = null!;
            private readonly OrderedLock _other = null!;
            private readonly object _gate = new();

            public void Run()
            {
                {{body}}
            }
        }
        """;
}
