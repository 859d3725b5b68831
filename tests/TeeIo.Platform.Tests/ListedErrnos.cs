using System.Globalization;
using TeeIo.Flow;
using TeeIo.Linux;

namespace TeeIo.Platform.Tests;

/// <summary>Notes every errno that a call's server returned and that its spec doesn't list.</summary>
internal sealed class ListedErrnos : ICrossingObserver
{
    private readonly SortedSet<string> _unlisted = new(StringComparer.Ordinal);

    /// <summary>Call and errno of each.</summary>
    public IReadOnlyCollection<string> Unlisted => _unlisted;

    public void Opened(Crossing crossing)
    {
    }

    public void Closed(Crossing crossing)
    {
        CallInfo call = crossing.Call;
        bool isReturned = crossing is { Side: CrossingSide.Server, Entered: true, Threw: false } && call.Outcome == OutcomeKind.Syscall;
        if (isReturned && !call.IsSuccess(crossing.Outcome) && call.Explain(crossing.Outcome) is null)
            _unlisted.Add(string.Create(CultureInfo.InvariantCulture, $"{call.Name}: {(Errno)(-crossing.Outcome)}"));
    }
}
