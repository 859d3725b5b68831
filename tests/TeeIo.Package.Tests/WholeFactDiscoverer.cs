using Xunit.Sdk;
using Xunit.v3;

namespace TeeIo.Package.Tests;

/// <summary>Finds facts that take long only where everything is asked for, so that elsewhere nothing is skipped.</summary>
internal sealed class WholeFactDiscoverer : FactDiscoverer
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        PackageFeed.IsWhole ? base.Discover(discoveryOptions, testMethod, factAttribute) : new([]);
}
