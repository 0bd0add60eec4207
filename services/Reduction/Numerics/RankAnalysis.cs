using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>What one rank indicator says in words, and the number of components it points to, if it points to one.</summary>
public sealed record RankEvidence(string Indicator, int? Suggests, string Reading);

/// <summary>
/// How many components the data hold, as far as the indicators can tell. <see cref="Ambiguous"/> is true where they disagree or are silent: then
/// <see cref="Suggested"/> is a place to begin, and the decision is the scientist's.
/// </summary>
public sealed record RankVerdict(int Suggested, bool Ambiguous, string Summary, IReadOnlyList<RankEvidence> Evidence);

/// <summary>
/// What a full rank analysis may assume and spend. <see cref="NoiseLevel"/>: standard deviation of one value in units of the data.
/// <see cref="Most"/>: more components are never suggested. <see cref="Ordered"/>: the spectra are a series, so that neighbours are alike.
/// <see cref="Resampling"/>: cross-validation and parallel analysis are made, on a sample where the data are large.
/// </summary>
public sealed record RankOptions
{
    public double? NoiseLevel { get; init; }
    public int Most { get; init; } = 9;
    public bool Ordered { get; init; } = true;
    public bool Resampling { get; init; } = true;
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Rank indicators for k = 1, 2, ... (index k - 1). With r the longer and c the shorter side and l_j the squared singular values:
/// <list type="bullet">
/// <item>real error RE(k) = sqrt(sum_{j>k} l_j / (r (c - k))) and IND(k) = RE(k) / (c - k)^2 (Malinowski, Anal. Chem. 49, 1977, 606 and
/// 612);</item>
/// <item>F test of reduced eigenvalues, as significance level in percent (Malinowski, J. Chemometrics 3, 1989, 49);</item>
/// <item>scree: the last step of the singular values by a factor of three or more, a place to begin where nothing else speaks;</item>
/// <item>Durbin-Watson ratio sum (v_j - v_{j-1})^2 / sum v_j^2 of the loadings: near 0 for structure, near 2 for white noise.</item>
/// </list>
/// The full analysis adds the Durbin-Watson ratios of the residuals, cross-validation, parallel analysis and, for a series, evolving factors. Of
/// centred components one row is spent on the mean. Parallel analysis is a lower bound: it can contradict, never decide.
/// </summary>
public sealed record RankAnalysis(
    IReadOnlyList<double> RealError, IReadOnlyList<double> Indicator, IReadOnlyList<double> SignificancePercent, IReadOnlyList<double> DurbinWatson,
    RankVerdict Verdict)
{
    private const string ParallelIndicator = "Parallel analysis";
    private const string EvolvingIndicator = "Evolving factors";
    private const double Significant = 5;
    private const double Structured = 0.5;
    private const int InsignificantInARow = 3;
    private const double WhiteNoise = 2;
    private const double ClearStep = 3;
    private const string Scree = "Scree";
    private const double RisesAbove = 3;

    /// <summary>Of the full analysis: the ratios of what remains after 0, 1, 2, ... components.</summary>
    public ResidualStructure? Residuals { get; init; }

    /// <summary>Of the full analysis: PRESS per number of components.</summary>
    public CrossValidation? CrossValidation { get; init; }

    /// <summary>Of the full analysis: against shuffled columns, always centred.</summary>
    public ParallelAnalysis? Parallel { get; init; }

    /// <summary>Of the full analysis: against normal noise of the columns' variances, always centred.</summary>
    public ParallelAnalysis? ParallelNormal { get; init; }

    /// <summary>Of the full analysis of a series: forward, backward and window singular values.</summary>
    public EvolvingFactors? Evolving { get; init; }

    /// <summary>
    /// The full analysis: all indicators of <paramref name="components"/>, which are those of <paramref name="data"/>, and those that need the data.
    /// </summary>
    public static RankAnalysis Of(
        DataMatrix data, PrincipalComponents components, RankOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(components);
        if (data.Rows != components.Rows || data.Columns != components.Columns)
            throw new NumericsException("matrix_shape", "These are not the principal components of these data.");
        options ??= new RankOptions();
        var quick = Of(components, options.NoiseLevel, options.Most);
        var ceiling = Ceiling(components, options.Most);
        var evidence = quick.Verdict.Evidence.ToList();

        var residuals = ResidualStructure.Of(data, components, Math.Min(components.Loadings.Rows, ceiling + 1), cancellation);
        evidence.Add(residuals.Reading(ceiling, options.Ordered));
        CrossValidation? crossed = null;
        ParallelAnalysis? parallel = null, normal = null;
        if (options.Resampling && data.Rows > 2 && data.Columns > 2)
        {
            crossed = Numerics.CrossValidation.Of(data, ceiling + 1, centred: components.Centred, cancellation: cancellation);
            evidence.Add(crossed.Reading(data.Rows, data.Columns));
            parallel = ParallelAnalysis.Of(data, ParallelReference.Permutation, seed: options.Seed, cancellation: cancellation);
            normal = ParallelAnalysis.Of(data, ParallelReference.NormalNoise, seed: options.Seed, cancellation: cancellation);
            evidence.AddRange([parallel.Reading(data.Rows, data.Columns), normal.Reading(data.Rows, data.Columns)]);
        }
        var verdict = Judge(evidence);
        EvolvingFactors? evolving = null;
        if (options.Ordered && data.Rows > 2 && components.HasScores)
        {
            evolving = EvolvingFactors.Of(data, components, Math.Min(verdict.Suggested + 2, components.Loadings.Rows), cancellation: cancellation);
            verdict = verdict with { Evidence = [.. verdict.Evidence, Reading(evolving, verdict.Suggested)] };
        }
        return quick with
        {
            Residuals = residuals, CrossValidation = crossed, Parallel = parallel, ParallelNormal = normal, Evolving = evolving, Verdict = verdict,
        };
    }

    private static RankEvidence Reading(EvolvingFactors evolving, int components)
    {
        if (evolving.Forward.Columns <= components)
            return new(EvolvingIndicator, null, "Too few evolving components were followed to tell signal from noise.");
        var level = RisesAbove * Math.Max(evolving.Forward.Column(components).Max(), evolving.Backward.Column(components).Max());
        var appear = Enumerable.Range(0, components).Select(k => Array.FindIndex(evolving.Forward.Column(k), value => value > level)).ToArray();
        var leave = Enumerable.Range(0, components).Select(k => Array.FindLastIndex(evolving.Backward.Column(k), value => value > level)).ToArray();
        return new(EvolvingIndicator, null, Text(
            $"Against three times the level of line {components + 1}, components appear at spectra {Places(appear)}")
            + $" and, counted from the end, are last needed at {Places(leave)}.");

        string Places(int[] found) => string.Join(", ", found.Select(index => index < 0 ? "none" : Text($"{evolving.Positions[index] + 1}")));
    }

    private static int Ceiling(PrincipalComponents components, int most) =>
        Math.Max(1, Math.Min(most, Math.Min(EffectiveRows(components), components.Columns) - 1));

    private static int EffectiveRows(PrincipalComponents components) =>
        components.Centred ? Math.Max(1, components.Rows - 1) : components.Rows;

    /// <summary>
    /// Evaluates the indicators of <paramref name="components"/>. A known noise level (standard deviation of one value, in units of the data) lets
    /// RE speak as well. More than <paramref name="most"/> components are never suggested.
    /// </summary>
    public static RankAnalysis Of(PrincipalComponents components, double? noiseLevel = null, int most = 9)
    {
        ArgumentNullException.ThrowIfNull(components);
        var longer = Math.Max(EffectiveRows(components), components.Columns);
        var shorter = Math.Min(EffectiveRows(components), components.Columns);
        var realError = new double[shorter - 1];
        var indicator = new double[shorter - 1];
        var significance = new double[shorter - 1];
        var freedoms = new double[shorter + 1];
        for (var j = shorter; j >= 1; j--) freedoms[j - 1] = freedoms[j] + (double)(longer - j + 1) * (shorter - j + 1);
        for (var k = 1; k < shorter; k++)
        {
            var tail = components.Tail(k);
            realError[k - 1] = Math.Sqrt(tail / ((double)longer * (shorter - k)));
            indicator[k - 1] = realError[k - 1] / ((double)(shorter - k) * (shorter - k));
            var value = components.SingularValues[k - 1] * components.SingularValues[k - 1];
            var ratio = value / ((double)(longer - k + 1) * (shorter - k + 1)) / (tail / freedoms[k]);
            significance[k - 1] = double.IsNaN(ratio) ? 100 : 100 * FisherDistribution.UpperTail(ratio, 1, shorter - k);
        }
        var durbinWatson = Enumerable.Range(0, components.Loadings.Rows).Select(index => Ratio(components.Loadings.Row(index))).ToArray();
        var ceiling = Ceiling(components, most);
        var evidence = new List<RankEvidence>
        {
            ByRealError(realError, noiseLevel, ceiling), ByIndicator(indicator, ceiling), ByFTest(significance, ceiling),
                ByDurbinWatson(durbinWatson, ceiling),
            ByScree(components.SingularValues, ceiling),
        };
        return new RankAnalysis(realError, indicator, significance, durbinWatson, Judge(evidence));
    }

    private static double Ratio(ReadOnlySpan<double> loading)
    {
        if (loading.Length < 2) return 0;
        var steps = new double[loading.Length - 1];
        TensorPrimitives.Subtract(loading[1..], loading[..^1], steps);
        var square = TensorPrimitives.SumOfSquares(loading);
        return square == 0 ? WhiteNoise : TensorPrimitives.SumOfSquares<double>(steps) / square;
    }

    private static RankEvidence ByRealError(double[] realError, double? noise, int ceiling)
    {
        if (noise is not { } level) return new("RE", null, "The real error tells a number only beside a known noise level, and none was given.");
        var at = Array.FindIndex(realError, 0, Math.Min(ceiling, realError.Length), error => error <= level);
        return at < 0
            ? new("RE", null, Text($"The real error stays above the noise level {level:g4} up to {ceiling} components."))
            : new("RE", at + 1, Text($"The real error falls to the noise level {level:g4} with {at + 1} components."));
    }

    private static RankEvidence ByIndicator(double[] indicator, int ceiling)
    {
        // Beyond half of the shorter side IND is governed by its denominator.
        var searched = Math.Min(indicator.Length, Math.Max(ceiling + 1, (indicator.Length + 1) / 2));
        if (searched == 0) return new("IND", null, "The data are too small for IND.");
        var at = TensorPrimitives.IndexOfMin<double>(indicator.AsSpan(0, searched)) + 1;
        return at > ceiling
            ? new("IND", null, Text(
                $"IND has no minimum within {ceiling} components: what is left there is not white noise (drift, calibration, correlated noise)."))
            : new("IND", at, Text($"IND has its minimum {indicator[at - 1]:g4} at {at} components."));
    }

    private static RankEvidence ByFTest(double[] significance, int ceiling)
    {
        var count = 0;
        for (int k = 1, missed = 0; k <= significance.Length && missed < InsignificantInARow; k++)
        {
            missed = significance[k - 1] < Significant ? 0 : missed + 1;
            if (missed == 0) count = k;
        }
        return count > ceiling
            ? new("F test", null, Text($"More than {ceiling} components are significant at 5 %: the remainder is not white noise."))
            : count == 0
                ? new("F test", null, "No component stands out from the rest at 5 %.")
                : new("F test", count, Text($"{count} components are significant at 5 % (the last at {significance[count - 1]:g3} %)."));
    }

    private static RankEvidence ByDurbinWatson(double[] durbinWatson, int ceiling)
    {
        var count = Array.FindIndex(durbinWatson, ratio => ratio >= Structured);
        if (count < 0) count = durbinWatson.Length;
        return count > ceiling
            ? new("Durbin-Watson", null, Text($"More than {ceiling} loadings are smooth: the remainder has structure."))
            : count == 0
                ? new("Durbin-Watson", null, "Not even the first loading is smooth along the axis: the ratio cannot tell signal from noise here.")
                : new("Durbin-Watson", count, Text($"{count} loadings are smooth along the axis (ratio below 0.5)."));
    }

    private static RankEvidence ByScree(IReadOnlyList<double> values, int ceiling)
    {
        for (var k = Math.Min(ceiling, values.Count - 1); k >= 1; k--)
            if (values[k - 1] >= ClearStep * values[k] && values[k - 1] > 0)
                return new(Scree, k, Text(
                    $"The last clear step of the singular values (a factor of {ClearStep} or more) comes after {k} components."));
        return new(Scree, null, Text($"The singular values fall without a clear step (a factor of {ClearStep} or more)."));
    }

    // The scree has no test behind it, so it decides only where nothing else speaks. Parallel analysis is a bound, evolving factors a description.
    private static RankVerdict Judge(List<RankEvidence> evidence)
    {
        var voters = evidence.Where(item => item.Indicator is not (Scree or EvolvingIndicator)
            && !item.Indicator.StartsWith(ParallelIndicator, StringComparison.Ordinal)).ToArray();
        var votes = voters.Where(item => item.Suggests is not null).Select(item => item.Suggests.GetValueOrDefault()).Order().ToArray();
        var silent = voters.Where(item => item.Suggests is null && item.Indicator != "RE").Select(item => item.Indicator).ToArray();
        var bounds = evidence.Where(item => item.Indicator.StartsWith(ParallelIndicator, StringComparison.Ordinal)).ToArray();
        if (votes.Length == 0)
            return evidence.Single(item => item.Indicator == Scree).Suggests is { } step
                ? new(step, true, Text(
                    $"The tests give no number; the singular values take their last clear step after {step}: look at the residuals and choose."),
                        evidence)
                : new(1, true, "No indicator points to a number of components: choose it by hand.", evidence);
        var suggested = votes[(votes.Length - 1) / 2];
        var contradicted = bounds.Any(bound => bound.Suggests > suggested);
        if (votes[0] == votes[^1] && silent.Length == 0 && !contradicted) return new(suggested, false, Text($"All indicators point to {suggested} components."),
            evidence);
        var said = string.Join(", ", voters.Concat(contradicted ? bounds : []).Where(item => item.Suggests is not null).Select(item => Text($"{item.Indicator} {item.Suggests}")));
        var quiet = silent.Length == 0 ? "" : $"; without a number: {string.Join(", ", silent)}";
        return new(suggested, true, $"The indicators disagree ({said}{quiet}): look at the residuals and choose.", evidence);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
