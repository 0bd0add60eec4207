#pragma warning disable CA1812, CA1852, CA1819 // Bad contracts, each in its own way.

namespace Tutti.Contracts.Tests.Samples;

[Contract("samples.good", nameof(Id))]
internal sealed record Good
{
    public required Guid Id { get; init; }

    public required IReadOnlyList<Part> Parts { get; init; }

    public double? Later { get; init; }

    public string? LaterText { get; init; }
}

internal sealed record Part
{
    public required string Name { get; init; }
}

[Contract("samples.good", "Name")]
internal sealed record SameNameAndNoKey;

[Contract("Samples.NotKebab", nameof(Number))]
internal sealed record NotKebab
{
    public required int Number { get; init; }
}

[Contract("elsewhere.stray", nameof(Id))]
internal sealed record Stray
{
    public string? Id { get; init; }
}

[Contract("samples.open", nameof(Id))]
internal record Open
{
    public required Guid Id { get; init; }
}

[Contract("samples.class", nameof(Id))]
internal sealed class NoRecord
{
    public required Guid Id { get; init; }
}

[Contract("samples.members", nameof(Id))]
internal sealed record BadMembers
{
    public required Guid Id { get; set; }

    public string Forgotten { get; init; } = "";

    public required decimal Money { get; init; }

    public required DayOfWeek Day { get; init; }

    public required Dictionary<string, int> Table { get; init; }

    public required Guid[] Array { get; init; }

    public required IReadOnlyList<object> Things { get; init; }

    public required BadPart Part { get; init; }
}

internal sealed record BadPart
{
    public required TimeSpan Length { get; init; }
}

internal sealed record Unmarked;
