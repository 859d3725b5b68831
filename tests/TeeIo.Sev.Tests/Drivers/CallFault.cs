using TeeIo.Flow;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>Keeps chosen commands and RMP instructions of the host from the firmware and answers them itself.</summary>
internal sealed class CallFault : ICrossingInjector
{
    private static readonly string[] _abis = [TioFirmwareCalls.Status.Abi, SnpFirmwareCalls.InitEx.Abi, RmpCalls.Rmpupdate.Abi];
    private int _first = int.MaxValue;
    private int _last;
    private long _status;

    /// <summary>Calls since the last plan.</summary>
    public int Count { get; private set; }

    /// <summary>The first call that was kept back, or null.</summary>
    public string? Hit { get; private set; }

    /// <summary>Answers the calls from the one with index <paramref name="first"/> to that with index <paramref name="last"/> with <paramref name="status"/>.</summary>
    public void Plan(int first, int last, long status)
    {
        (_first, _last, _status) = (first, last, status);
        (Count, Hit) = (0, null);
    }

    /// <summary>Lets everything through from here on.</summary>
    public void Heal() => _first = int.MaxValue;

    public Injection Decide(Crossing crossing)
    {
        if (crossing.Side != CrossingSide.Client || !_abis.Contains(crossing.Call.Abi)) return Injection.Proceed;
        int index = Count++;
        if (index < _first || index > _last) return Injection.Proceed;
        Hit ??= crossing.Call.Name;
        return Injection.Fail(_status);
    }
}
