using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Results;

/// <summary>
/// What a reduction found, in a form that is stored and sent as JSON: fit per iteration, why it stopped, what the rank indicators said, and where
/// the input came from. The profiles themselves are tables of their own (<see cref="ResultTables"/>).
/// </summary>
public sealed record ReductionResult
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>100 |D - C S| / |D| after each iteration.</summary>
    public required IReadOnlyList<double> LofPercent { get; init; }

    /// <summary>Under compression: the same against the reproduction by principal components.</summary>
    public IReadOnlyList<double>? LofReproductionPercent { get; init; }

    /// <summary>Lack of fit of the profiles that were kept.</summary>
    public required double BestLofPercent { get; init; }

    /// <summary>The least lack of fit that so many components can have; null under weights, which principal components do not know.</summary>
    public required double? LofPcaPercent { get; init; }

    public required double R2Percent { get; init; }
    public required int Iterations { get; init; }
    public required int BestIteration { get; init; }
    public required StopReason StopReason { get; init; }
    public required int ComponentCount { get; init; }

    /// <summary>Whether the rank verdict chose the number of components.</summary>
    public required bool ComponentsByVerdict { get; init; }

    public required IReadOnlyList<double> SingularValues { get; init; }
    public required RankVerdict Rank { get; init; }

    /// <summary>The figures behind the verdict.</summary>
    public RankIndicators? Indicators { get; init; }

    /// <summary>The purest spectra or channels, where the resolution began with those.</summary>
    public StartSummary? Start { get; init; }

    /// <summary>Mean, least and largest value of what was reduced.</summary>
    public ValueSummary? Values { get; init; }

    /// <summary>What the squared errors were weighed by: <c>values</c>, <c>spectra</c>, <c>channels</c>, <c>poisson</c>; null: by nothing. The lack of
    /// fit is then the weighted one.</summary>
    public string? Weighting { get; init; }

    /// <summary>Uncertainty by resampling, where that was asked for.</summary>
    public UncertaintySummary? Uncertainty { get; init; }

    /// <summary>Of linear combination fitting: the fractions.</summary>
    public CombinationSummary? Combination { get; init; }

    public required IReadOnlyList<int> VanishedComponents { get; init; }
    public required int OpenSpectra { get; init; }

    /// <summary>What the constraints found: rate constants, calibration lines, totals.</summary>
    public IReadOnlyList<ConstraintFinding> Findings { get; init; } = [];

    /// <summary>How far the profiles can be turned into each other, where that was asked for.</summary>
    public BandSummary? Bands { get; init; }

    /// <summary>What the preparation knows of each spectrum (time, potential and capacity by the clock of the cell, edge energy); null where it does not.
    /// Left out of series of more than 100,000 spectra: <c>concentrations.csv</c> has them all.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double?>> Columns { get; init; } = FrozenDictionary<string, IReadOnlyList<double?>>.Empty;

    /// <summary>Second inputs of the preparation (foil, incident spectrum, log of the cycler), with the hashes of their files.</summary>
    public IReadOnlyList<UsedReference> References { get; init; } = [];

    public required int Spectra { get; init; }
    public required int Channels { get; init; }
    public required string Axis { get; init; }
    public string? AxisUnit { get; init; }
    public required ReductionOptions Options { get; init; }
    public required IReadOnlyList<ReadingWarning> Warnings { get; init; }
    public required IReadOnlyList<SourceFile> Sources { get; init; }

    /// <summary>SHA-256 of shape, axis and values as they were reduced.</summary>
    public required string InputHash { get; init; }

    public required string ToolVersion { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Web);

    public static ReductionResult FromJson(string json) =>
        JsonSerializer.Deserialize<ReductionResult>(json, Web) ?? throw new JsonException("A reduction result is an object, not null.");
}

/// <summary>Whether the profiles are the only ones within the constraints, in words, and the range of each component.</summary>
public sealed record BandSummary(bool Unique, string Summary, IReadOnlyList<BandRange> Components);

/// <summary>Signal contribution of a component (its part of the norm of the model) in the solution, and the least and most it can have.</summary>
public sealed record BandRange(double Contribution, double Least, double Most);
