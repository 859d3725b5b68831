using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.DmaBuf;
using TeeIo.Linux.PciCore;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Events;

/// <summary>The events.</summary>
internal static class EventKinds
{
    private const int Long = 60;

    public static IReadOnlyList<EventKind> All { get; } =
    [
        new("a vCPU is killed") { Strike = (stage, _) => stage.ProcessOf(0)?.KillVcpu(0), Kills = true },
        new("the VM is killed") { Strike = (stage, _) => stage.ProcessOf(0)?.KillVm(), Kills = true },
        new("the VMM's process is gone") { Strike = (stage, _) => stage.ProcessOf(0)?.Kill(), Kills = true },
        new("the VMM's process is gone, files in any order") { Strike = (stage, point) => stage.ProcessOf(0)?.Kill(files => Shuffle(files, point)), Kills = true },
        new("the device is unplugged") { Strike = (stage, _) => stage.Machine.Unplug(), Repair = stage => stage.Machine.PlugIn() },
        new("the device is pulled out") { Strike = (stage, _) => stage.Machine.PullOut(), Repair = stage => stage.Machine.PlugIn() },
        new("SR-IOV goes off") { Strike = (stage, _) => stage.Machine.DisableVirtualFunctions(), Repair = stage => stage.Machine.PlugIn() },
        new("the admin resets the function") { Strike = (stage, _) => stage.Machine.Kernel.Reset(stage.Machine.Functions[1], ResetKind.Function) },
        new("the admin resets the physical function") { Strike = (stage, _) => stage.Machine.Kernel.Reset(stage.Machine.Functions[0], ResetKind.Function) },
        new("the admin resets the bus") { Strike = (stage, _) => stage.Machine.Kernel.Reset(stage.Machine.Functions[1], ResetKind.Bus) },
        new("the TDI fails") { Strike = (stage, _) => stage.Machine.Device.Functions[1].Interface.Fail() },
        new("the IDE stream fails") { Strike = (stage, _) => stage.Machine.Device.FailStreams() },
        new("new keys are due") { Strike = (stage, _) => stage.Machine.Tsm.RefreshKeys(stage.Machine.Functions[0]) },
        new("the TSM driver leaves") { Strike = (stage, _) => stage.Machine.Tsm.Unregister(), Repair = stage => stage.Machine.Tsm.Register() },
        new("firmware is busy for long") { Failing = FailingCalls.Busy(Long) },
        new("firmware is busy for good") { Failing = FailingCalls.Busy(int.MaxValue) },
        new("an importer is stuck") { Failing = FailingCalls.Of(DmaBufImporterOpsCalls.MoveNotify, Errno.EIO) },
        new("another vCPU binds") { OnOtherVcpu = (tsm, device) => tsm.Lock(device) },
        new("another vCPU unbinds") { OnOtherVcpu = (tsm, device) => tsm.Unlock(device) },
        new("another vCPU asks") { OnOtherVcpu = (tsm, device) => tsm.Evidence(device, EvidenceKind.InterfaceReport, new byte[1 << 16]) },
        new("another vCPU binds anew")
        {
            OnOtherVcpu = (tsm, device) =>
            {
                tsm.Unlock(device);
                tsm.Lock(device);
            },
        },
        new("the admin disconnects and connects")
        {
            Strike = (stage, _) =>
            {
                if (stage.Machine.Tsm.Disconnect(stage.Machine.Functions[0]).IsOk) stage.Machine.Tsm.Connect(stage.Machine.Functions[0]);
            },
        },
    ];

    public static EventKind Find(string name) => All.First(k => k.Name == name);

    private static Fd[] Shuffle(IReadOnlyList<Fd> files, int seed)
    {
        Fd[] order = [.. files];
        new Random(seed).Shuffle(order);
        return order;
    }
}
