namespace TeeIo.Scheduling;

/// <summary>A clock that moves only when its owner says so. Starts at the Unix epoch.</summary>
internal sealed class VirtualTimeProvider : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

    public override long GetTimestamp() => _ticks;

    public void AdvanceTo(long ticks) => _ticks = Math.Max(_ticks, ticks);
}
