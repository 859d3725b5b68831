using System.Globalization;
using TeeIo.Flow;

namespace TeeIo.Cli.Tests;

/// <summary>What callees return must be in their calls' lists of errors.</summary>
internal static class ListedOutcomes
{
    /// <summary>Call and outcome of each error in <paramref name="trace"/> that its spec doesn't list. A caller's side also sees what the transport says (a descriptor that isn't
    /// one, a malformed record), which is no call's own, so only callees' sides count.</summary>
    public static IEnumerable<string> Missing(IEnumerable<Crossing> trace) => trace
        .Where(c => c is { Side: CrossingSide.Server, Entered: true, Threw: false, ClosedAt: >= 0 } && !c.Call.IsSuccess(c.Outcome) && c.Call.Explain(c.Outcome) is null)
        .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Call.Name}: {c.Outcome} (0x{c.Outcome:X})")).Distinct();
}
