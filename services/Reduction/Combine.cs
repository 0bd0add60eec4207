using System.Globalization;
using System.Numerics.Tensors;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction;

/// <summary>A combination of references tried on one spectrum: their numbers (from 0) and what came of it. <see cref="Significance"/> is null for a
/// single reference.</summary>
public sealed record RankedCombination(
    IReadOnlyList<int> References, IReadOnlyList<double> Weights, double RFactor, double ReducedChiSquare, double? Significance);

/// <summary>
/// A series fitted by references: their names, the fit of every spectrum (without its curve, which <see cref="Fitting"/> makes again), and of every
/// spectrum the best combinations where those were asked for, the best first.
/// </summary>
public sealed record CombinationOutcome(
    IReadOnlyList<string> References, LinearCombinationFitting Fitting, IReadOnlyList<LinearCombinationFit> Fits,
    IReadOnlyList<IReadOnlyList<RankedCombination>> Rankings);

/// <summary>
/// What is linear: a series as a combination of references, and as the product of profiles that are both given. Errors: <c>references_missing</c>,
/// <c>reference_axis</c>, <c>reference_names</c>, <c>start_missing</c>, <c>profile_pairs</c>, <c>options</c>, <c>matrix_shape</c> and those of
/// <see cref="LinearCombination"/>.
/// </summary>
internal static class Combine
{
    internal const int BestShown = 10;
    private const int MostTried = 500_000;

    /// <summary>The references on the axis of the series, ready to fit it; refuses what cannot be fitted before anything is.</summary>
    public static Ready Begin(SpectralSeries used, SpectralAxis whole, IReadOnlyList<int> kept, ReductionOptions options)
    {
        Refuse(options);
        if (options.Combination is not { References.Count: > 0 } model) throw new NumericsException("references_missing", "Linear combination fitting needs reference spectra, and none were given.");
        var references = Matrix.FromRows([.. model.References.SelectMany(set => On(set, used.Axis, whole, kept))]);
        if (references.Rows > NonNegativeLeastSquares.MaxComponents)
            throw new NumericsException("lcf_references", Text($"{references.Rows} references are more than the {NonNegativeLeastSquares.MaxComponents} that can be fitted at once."));
        var names = Names(model.References);
        var how = new LinearCombinationOptions
        {
            NonNegative = options.NonNegativeC, SumToOne = options.Closure is not null, SumWeight = model.SumWeight, Background = model.Background, MostShift = model.MostShift,
            NoiseLevel = model.NoiseLevel,
        };
        if (model.Rank is { } most && TooManyToRank(used.Data.Rows, references.Rows, most) is { } tooMany) throw new NumericsException("lcf_subsets", tooMany);
        return new Ready(references, names, how, new LinearCombinationFitting(references, used.Axis.Values, how));
    }

    /// <summary>Why combinations of up to <paramref name="most"/> references cannot be ranked; null where they can.</summary>
    public static string? TooManyToRank(int spectra, int references, int most) =>
        most < 1 ? "A combination has at least one reference."
        : LinearCombination.CombinationsUpTo(references, most) is var all && all > LinearCombination.MostCombinations
            ? Text($"{all:f0} combinations of up to {most} of {references} references are too many to try (at most {LinearCombination.MostCombinations}).")
        : spectra * all > MostTried
            ? Text($"All combinations of up to {most} of {references} references on each of {spectra} spectra are too many to try (at most {MostTried}): rank them on fewer spectra.")
        : null;

    /// <summary>Fits every spectrum by the references.</summary>
    public static (McrResult Result, CombinationOutcome Combination) Fit(SpectralSeries used, Ready ready, ReductionOptions options, CancellationToken cancellation)
    {
        var (references, names, how, fitting) = ready;
        var (fits, rankings) = (new LinearCombinationFit[used.Data.Rows], new List<IReadOnlyList<RankedCombination>>());
        if (used.Data.SumOfSquares(cancellation) == 0) throw new NumericsException("zero_data", "All values are zero.");
        var (c, left, total) = (Matrix.Allocate(used.Data.Rows, references.Rows), 0.0, 0.0);
        for (var row = 0; row < used.Data.Rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var spectrum = used.Data.Row(row);
            var fit = fitting.Fit(spectrum);
            for (var reference = 0; reference < references.Rows; reference++) c[row * references.Rows + reference] = fit.Weights[reference];
            left += fit.SumOfSquares;
            total += TensorPrimitives.SumOfSquares<double>(spectrum);
            fits[row] = fit with { Fitted = [] };
            if (options.Combination?.Rank is not { } largest) continue;
            rankings.Add(fit.Parameters == 0 && TensorPrimitives.SumOfSquares<double>(spectrum) == 0 ? [] : Ranked(LinearCombination.Search(spectrum, references, used.Axis.Values, largest, how, cancellation)));
        }
        var result = new McrResult(new Matrix(used.Data.Rows, references.Rows, c), references, StopReason.Solved, 1, 1, [100 * Math.Sqrt(left / total)], [], 0);
        return (result, new CombinationOutcome(names, fitting, fits, rankings));
    }

    /// <summary>What a fit by references begins with.</summary>
    internal sealed record Ready(Matrix References, IReadOnlyList<string> Names, LinearCombinationOptions How, LinearCombinationFitting Fitting);

    /// <summary>Refuses given profiles that are none of the series, or options that do not belong to them; the spectra in the order of the concentrations.</summary>
    public static (Matrix Concentrations, Matrix Spectra) Given(int spectra, int channels, ReductionOptions options)
    {
        Refuse(options);
        if (options.GivenSpectra is not { } s || options.GivenConcentrations is not { } c)
            throw new NumericsException("start_missing", "Given profiles are spectra and concentrations, and one of them was not given.");
        if (options.Pairs is { } pairs && !pairs.Order().SequenceEqual(Enumerable.Range(0, s.Rows)))
            throw new NumericsException("profile_pairs", Text($"The pairs name each of the {s.Rows} spectra once, by numbers from 0."));
        if (s.Rows > NonNegativeLeastSquares.MaxComponents) throw new NumericsException("component_count", Text($"At most {NonNegativeLeastSquares.MaxComponents} components can be resolved, not {s.Rows}."));
        if (c.Rows != spectra || s.Columns != channels || c.Columns != s.Rows)
            throw new NumericsException("matrix_shape", Text($"Concentrations of {c.Rows} x {c.Columns} and spectra of {s.Rows} x {s.Columns} are not those of {spectra} x {channels} data."));
        return (c, options.Pairs is { } order ? s.SelectRows(order) : s);
    }

    /// <summary>The factor of each component that brings the product of given profiles nearest to the data, put onto the concentrations.</summary>
    public static McrResult Profiles(SpectralSeries used, ReductionOptions options, CancellationToken cancellation)
    {
        var (c, s) = Given(used.Data.Rows, used.Data.Columns, options);
        if (used.Data.SumOfSquares(cancellation) == 0) throw new NumericsException("zero_data", "All values are zero.");
        var scales = ProfileScales.Fit(used.Data, c, s, options.NonNegativeC && options.NonNegativeS, cancellation);
        var scaled = new Matrix(c.Rows, c.Columns, [.. c.Values.ToArray().Select((value, index) => value * scales[index % c.Columns])]);
        double left = 0;
        for (var row = 0; row < used.Data.Rows; row++)
        {
            if (row % 64 == 0) cancellation.ThrowIfCancellationRequested();
            var rest = used.Data.Row(row);
            for (var k = 0; k < s.Rows; k++) TensorPrimitives.MultiplyAdd(s.Row(k), -scaled[row, k], rest, rest);
            left += TensorPrimitives.SumOfSquares<double>(rest);
        }
        return new McrResult(scaled, s, StopReason.Solved, 1, 1, [100 * Math.Sqrt(left / used.Data.SumOfSquares(cancellation))], [.. Enumerable.Range(0, s.Rows).Where(k => scales[k] == 0)], 0)
        {
            Findings = [.. scales.Select((scale, k) => new ConstraintFinding(Text($"scale[{k}]"), scale))],
        };
    }

    private static void Refuse(ReductionOptions options)
    {
        if (WhyNot(options) is { } why) throw new NumericsException("options", why);
    }

    /// <summary>What only an iteration can keep to, and is asked for with another method; null where nothing is.</summary>
    public static string? WhyNot(ReductionOptions options)
    {
        if (options is { Method: ReductionMethod.GivenProfiles, Closure: not null }) return "A closure belongs to concentrations that are sought, not to given ones.";
        var ignored = options switch
        {
            { Method: ReductionMethod.CurveResolution } => null,
            { OnC.Count: > 0 } or { OnS.Count: > 0 } => "constraints on whole profiles",
            { KnownC.Count: > 0 } or { KnownS.Count: > 0 } => "known profiles",
            { SignFreeC.Count: > 0 } or { SignFreeS.Count: > 0 } => "sign exceptions",
            { Noise: not NoiseModel.Even } or { Weights: not null } => "weights",
            { Missing: not MissingValues.Refused } => "missing values",
            { Compression: not null } => "a compression",
            { Resampling: not null } => "resampling",
            { Bands: true } => "bands of rotational ambiguity",
            { Closure: { Components: not null } or { Blocks: not null } } => "a closure of some components or blocks",
            { Closure.Total: not 1 } => "a closure to another total than one",
            _ => null,
        };
        return ignored is null ? null : $"{char.ToUpperInvariant(ignored[0])}{ignored[1..]} cannot be kept to here: they belong to curve resolution.";
    }

    private static IEnumerable<double[]> On(ReferenceSpectra set, SpectralAxis axis, SpectralAxis whole, IReadOnlyList<int> kept)
    {
        var rows = Enumerable.Range(0, set.Spectra.Rows).Select(row => set.Spectra.Row(row).ToArray());
        if (set.Axis is not { } own)
        {
            if (set.Spectra.Columns == axis.Values.Count) return rows;
            return set.Spectra.Columns == whole.Values.Count
                ? rows.Select(row => kept.Select(channel => row[channel]).ToArray())
                : throw new NumericsException("reference_axis", Text($"References of {set.Spectra.Columns} channels without an axis do not fit spectra of {axis.Values.Count}."));
        }
        if (own.Count != set.Spectra.Columns) throw new NumericsException("reference_axis", Text($"References of {set.Spectra.Columns} channels have an axis of {own.Count}."));
        if (own.SequenceEqual(axis.Values)) return rows;
        // A grid may end within half a step of the other.
        var slack = 0.5 * (axis.Values[^1] - axis.Values[0]) / Math.Max(1, axis.Values.Count - 1);
        if (own.Count < 2 || own[0] > axis.Values[0] + slack || own[^1] < axis.Values[^1] - slack)
            throw new NumericsException("reference_axis", Text($"References from {own[0]} to {own[^1]} do not cover the spectra from {axis.Values[0]} to {axis.Values[^1]}: use a window."));
        return rows.Select(row =>
        {
            var spline = new CubicSpline([.. own], row);
            return axis.Values.Select(spline.At).ToArray();
        });
    }

    private static string[] Names(IReadOnlyList<ReferenceSpectra> sets)
    {
        List<string> names = [];
        foreach (var set in sets)
        {
            if (set.Names is { } given && given.Count != set.Spectra.Rows) throw new NumericsException("reference_names", Text($"{set.Spectra.Rows} references have {given.Count} names."));
            for (var row = 0; row < set.Spectra.Rows; row++) names.Add(set.Names?[row] ?? Text($"reference {names.Count + 1}"));
        }
        return [.. names];
    }

    private static RankedCombination[] Ranked(IReadOnlyList<ReferenceCombination> tried) =>
        [.. tried.Take(BestShown).Select(one => new RankedCombination(
            one.References, one.Fit.Weights, one.Fit.RFactor, one.Fit.ReducedChiSquare, double.IsNaN(one.Significance) ? null : one.Significance))];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
