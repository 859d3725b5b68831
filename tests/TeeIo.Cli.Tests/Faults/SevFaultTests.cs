namespace TeeIo.Cli.Tests.Faults;

public sealed class SevFaultTests
{
    /// <summary>Calls that the default sample leaves out, since the matrix still finds something there.</summary>
    internal static readonly string[] Known = [];

    public static TheoryData<string, string> Calls => FaultExtent.Calls("sev", stride: 2, Known);

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string profile, string call) => FaultRun.Check("sev", profile, call);
}
