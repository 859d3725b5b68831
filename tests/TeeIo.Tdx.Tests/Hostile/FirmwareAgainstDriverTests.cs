using TeeIo.Hostile;
using TeeIo.Tdx.Tests.Drivers;

namespace TeeIo.Tdx.Tests.Hostile;

/// <summary>The module's answers to the host's drivers: whatever they are, each page ends up free or in quarantine, none is given back twice, and the drivers come to an end.</summary>
public sealed class FirmwareAgainstDriverTests(ITestOutputHelper output)
{
    [Fact]
    public void No_answer_of_the_module_makes_a_driver_lose_a_page_or_give_one_back_twice() => MutationRun.Run(output, "firmware against driver, TDX", Judge, share: 2);

    private static string? Judge(Mutation mutation)
    {
        LyingModule? liar = null;
        var host = new HostFixture(module => liar = new LyingModule(mutation, module, calls: 100));
        Assert.True(host.Iommu.Start(0xFED9_0000).IsOk);
        int before = host.Pages.InUse;
        liar!.IsOn = true;
        host.GoForward();
        host.GoBack();
        return host.Pages.InUse == before ? null : $"{host.Pages.InUse - before} pages are lost, after {liar.Said}";
    }
}
