namespace TeeIo.Cli.Tests.Explorer;

/// <summary>The casts: one physical function, one or two TDIs, two VMs.</summary>
internal static class Casts
{
    public static IReadOnlyList<Cast> All { get; } =
    [
        new("one TDI, two vCPUs and the admin", stage =>
        {
            stage.Start("vm0/vcpu0", () =>
            {
                stage.Bind(0);
                stage.Ask(0);
            });
            stage.Start("vm0/vcpu1", () => stage.Unbind(0));
            stage.Start("admin", stage.Reconnect);
        }),
        new("two TDIs of two VMs and the admin", stage =>
        {
            foreach (int vm in new[] { 0, 1 })
            {
                stage.Start($"vm{vm}/vcpu0", () =>
                {
                    stage.Bind(vm);
                    stage.Ask(vm);
                    stage.Unbind(vm);
                });
            }

            stage.Start("admin", stage.Reconnect);
        }),
        new("a stream that fails, and a VM that tries again", stage =>
        {
            bool isMended = false;
            stage.Start("vm0/vcpu0", () =>
            {
                stage.Bind(0);
                stage.Scheduler.WaitUntil(() => isMended, "the stream to be mended");
                stage.Unbind(0);
                stage.Demand("a fresh bind works", stage.Bind(0));
            });
            stage.Start("vm1/vcpu0", () => stage.Bind(1));
            stage.Start("device", () =>
            {
                stage.Scheduler.Yield();
                stage.Machine.Device.FailStreams();
                stage.Reconnect();
                isMended = true;
            });
        }),
    ];

    public static Cast Find(string name) => All.First(c => c.Name == name);
}
