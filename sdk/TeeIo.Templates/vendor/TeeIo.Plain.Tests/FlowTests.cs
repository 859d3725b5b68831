using System.CodeDom.Compiler;
using System.Reflection;
using TeeIo.Platform.Scenarios;
using TeeIo.Tsm;
using Xunit;

namespace TeeIo.Plain.Tests;

/// <summary>The whole life of two devices in two VMs, with this vendor's drivers, on the software platform.</summary>
public sealed class FlowTests
{
    [Fact]
    public void Every_op_is_filled()
    {
        IEnumerable<string> stubs =
            from type in typeof(PlainPlatform).Assembly.GetTypes()
            where type.IsDefined(typeof(TsmDriverAttribute), inherit: false)
            from op in type.GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where op.IsDefined(typeof(GeneratedCodeAttribute))
            select $"{type.Name}.{op.Name}";
        Assert.True(!stubs.Any(), $"Still to fill, see README.md: {string.Join(", ", stubs)}");
    }

    /// <summary>The seed decides who runs when. The same seed gives the same run.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(42)]
    public void The_flow_conforms_whatever_the_seed(int seed)
    {
        FlowOutcome outcome = FlowScenario.Run(new FlowScenarioOptions { Vendor = machine => new PlainPlatform(machine), Profile = "seed-2025-05", Seed = seed });
        Assert.True(outcome.Report.Conforms, string.Join('\n', outcome.Report.Violations));
    }
}
