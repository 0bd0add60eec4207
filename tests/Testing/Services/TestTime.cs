namespace Tutti.Testing;

/// <summary>The real clock, shifted: rules about time can be tested without waiting, and timers still run.</summary>
public sealed class TestTime : TimeProvider
{
    private TimeSpan shift;

    /// <summary>Moves the clock forward.</summary>
    public void Advance(TimeSpan by) => shift += by;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
}
