using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Scheduling;

public sealed class LockOrderTests
{
    private readonly DeterministicScheduler _scheduler = new(1);
    private readonly LockOrder _order;

    public LockOrderTests() => _order = new LockOrder(_scheduler);

    [Fact]
    public void A_lock_out_of_order_throws_and_names_both()
    {
        var outer = new OrderedLock(_order, TsmOpsLocks.PciTsm);
        var inner = new OrderedLock(_order, TsmOpsLocks.VfioMemory, "vfio0");
        LockOrderException? thrown = null;
        _scheduler.Start("driver", () =>
        {
            using LockHold hold = inner.Acquire();
            thrown = Record(() => outer.Acquire().Dispose());
        });
        _scheduler.Run();
        Assert.NotNull(thrown);
        Assert.Contains("driver takes pci-tsm while it holds vfio-memory(vfio0)", thrown.Message, StringComparison.Ordinal);
        Assert.True(outer.IsFree);
        Assert.True(inner.IsFree);
    }

    [Fact]
    public void Two_locks_of_one_class_are_out_of_order()
    {
        var first = new OrderedLock(_order, TsmOpsLocks.Dsm, "01:00.0");
        var second = new OrderedLock(_order, TsmOpsLocks.Dsm, "02:00.0");
        LockOrderException? thrown = null;
        _scheduler.Start("core", () =>
        {
            using LockHold hold = first.Acquire();
            thrown = Record(() => second.Acquire().Dispose());
        });
        _scheduler.Run();
        Assert.NotNull(thrown);
    }

    [Fact]
    public void Readers_share_and_a_writer_waits_for_them()
    {
        var rwsem = new OrderedLock(_order, TsmOpsLocks.PciTsm);
        int inside = 0, most = 0;
        bool writerSawReaders = false;
        for (int i = 0; i < 2; i++)
        {
            _scheduler.Start($"reader{i}", () =>
            {
                using LockHold hold = rwsem.AcquireShared();
                most = Math.Max(most, ++inside);
                for (int n = 0; n < 10; n++) _scheduler.Yield();
                inside--;
            });
        }

        _scheduler.Start("writer", () =>
        {
            using LockHold hold = rwsem.Acquire();
            writerSawReaders = inside > 0;
        });
        _scheduler.Run();
        Assert.Equal(2, most);
        Assert.False(writerSawReaders);
    }

    [Fact]
    public void A_contract_that_demands_an_exclusive_hold_refuses_a_shared_one()
    {
        var rwsem = new OrderedLock(_order, TsmOpsLocks.PciTsm);
        LockOrderException? thrown = null;
        _scheduler.Start("core", () =>
        {
            using LockHold hold = rwsem.AcquireShared();
            _order.RequireHeld(TsmOpsLocks.PciTsm, shared: true);
            thrown = Record(() => _order.RequireHeld(TsmOpsLocks.PciTsm, shared: false));
        });
        _scheduler.Run();
        Assert.NotNull(thrown);
    }

    private static LockOrderException? Record(Action action) => (LockOrderException?)Xunit.Record.Exception(action);
}
