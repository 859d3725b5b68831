using TeeIo.Hostile;
using TeeIo.Sev.Tests.Drivers;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>The secure processor's answers to the host's drivers: whatever they are, each page ends up free or in quarantine, none is freed that isn't the host's, and the drivers come to an end.</summary>
public sealed class FirmwareAgainstDriverTests(ITestOutputHelper output)
{
    [Fact]
    public void No_answer_of_the_firmware_makes_a_driver_lose_a_page_or_free_one_of_the_firmware() => MutationRun.Run(output, "firmware against driver, SEV", Judge, share: 2);

    private static string? Judge(Mutation mutation)
    {
        LyingFirmware? liar = null;
        HostFixture host = new HostFixture((firmware, memory) => liar = new LyingFirmware(mutation, firmware, memory, commands: 60)).Boot();
        int before = host.Pages.InUse;
        liar!.IsOn = true;
        host.GoForward();
        if (!Enum.IsDefined(host.Tdi.State)) return $"the TDI is in state {host.Tdi.State}, after {liar.Said}";
        host.GoBackPastFailures();
        return host.Pages.InUse == before ? null : $"{host.Pages.InUse - before} pages are lost, after {liar.Said}";
    }
}
