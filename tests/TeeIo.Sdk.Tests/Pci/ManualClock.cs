namespace TeeIo.Sdk.Tests.Pci;

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    private readonly DateTimeOffset _start = now;
    private DateTimeOffset _now = now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => (_now - _start).Ticks;

    public void Advance(TimeSpan time) => _now += time;
}
