namespace TeeIo.Flow.Ftrace;

/// <summary>How the calls of a vendor's firmware look in a kernel's trace: the recorder's probe of the function that every one of them goes through.</summary>
/// <param name="Event">The probe's event, without the prefix of its name.</param>
/// <param name="Selector">The field that holds a call's number.</param>
/// <param name="SelectorBits">How many of its low bits are the number.</param>
/// <param name="Calls">The calls. Those without a public number can't be told in a trace.</param>
public sealed record FirmwareProbe(string Event, string Selector, int SelectorBits, IReadOnlyList<CallInfo> Calls)
{
    /// <summary>The call that <paramref name="event"/> is, or null.</summary>
    public CallInfo? Find(FtraceEvent @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        if (!@event.TryGetNumber(Selector, out ulong selector)) return null;
        ulong number = selector & ((1UL << SelectorBits) - 1);
        return Calls.FirstOrDefault(c => c.Number == number);
    }
}
