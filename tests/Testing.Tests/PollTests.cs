
namespace Tutti.Testing.Tests;

public sealed class A_condition_that_becomes_true
{
    [Fact]
    public async Task Ends_the_wait()
    {
        var asked = 0;

        await Poll.UntilAsync(() => ++asked == 3, TimeSpan.FromMinutes(1), () => "never needed", TestContext.Current.CancellationToken);

        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Gives_its_value()
    {
        var asked = 0;

        var value = await Poll.UntilAsync(
            _ => Task.FromResult(++asked == 2 ? "there" : null),
            TimeSpan.FromMinutes(1),
            () => "never needed",
            TestContext.Current.CancellationToken);

        Assert.Equal("there", value);
    }
}

public sealed class A_condition_that_stays_false
{
    [Fact]
    public async Task Is_described_as_it_was_at_the_end()
    {
        var asked = 0;

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Poll.UntilAsync(
            () => ++asked < 0, TimeSpan.FromMilliseconds(100), () => $"asked {asked} times", TestContext.Current.CancellationToken));

        Assert.Contains($"asked {asked} times", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_hide_a_fault_of_the_condition() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Poll.UntilAsync(
            _ => throw new InvalidOperationException("broken"), TimeSpan.FromMinutes(1), () => "", TestContext.Current.CancellationToken));
}
