using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>What is added to the references: nothing, a constant, or a straight line along the axis.</summary>
public enum FitBackground
{
    None,
    Constant,
    Linear,
}

/// <summary>
/// How spectra are fitted by references. <see cref="SumWeight"/>: the weights of a spectrum are drawn to the sum one by an equation of this weight,
/// in units of the length of the spectrum (large is exact); <see cref="SumToOne"/> holds them there exactly. <see cref="MostShift"/>: each reference
/// may move along the axis by at most so much, in units of the axis. <see cref="NoiseLevel"/>: standard deviation of one value; without it the
/// reduced chi-square is the mean square of the residual per degree of freedom.
/// </summary>
public sealed record LinearCombinationOptions
{
    public bool NonNegative { get; init; } = true;
    public bool SumToOne { get; init; }
    public double SumWeight { get; init; }
    public FitBackground Background { get; init; } = FitBackground.None;
    public double MostShift { get; init; }
    public double? NoiseLevel { get; init; }
}

/// <summary>
/// One spectrum y (m values) = sum over references of weight x reference(axis - shift) + background. <see cref="Weights"/>, <see cref="Errors"/>
/// (standard errors from the covariance of the weights that are not at a bound; zero for those that are; shifts are taken as known) and
/// <see cref="Shifts"/> are per reference, in their order; <see cref="Background"/> holds the constant and, where fitted, the slope per unit of the
/// axis about its middle. R factor: residual squares / squares of y.
/// </summary>
public sealed record LinearCombinationFit(
    IReadOnlyList<double> Weights, IReadOnlyList<double> Errors, IReadOnlyList<double> Shifts, IReadOnlyList<double> Background,
    IReadOnlyList<double> Fitted, double SumOfSquares, double RFactor, double ReducedChiSquare, int Parameters);

/// <summary>
/// A combination tried in a search. <see cref="References"/> are indices into those given; <see cref="Significance"/> is the chance that leaving out
/// the least useful reference costs so much fit by noise alone (F test of nested fits, which is the R factor ratio test of Hamilton, Acta Cryst. 18,
/// 1965, 502); it is NaN for a single reference.
/// </summary>
public sealed record ReferenceCombination(IReadOnlyList<int> References, LinearCombinationFit Fit, double Significance);

/// <summary>
/// Linear combination fitting with known spectra. Weights are exact least squares: the background is projected out first; non-negative weights of
/// sum one are those of the point of the references' convex hull nearest to the spectrum, found by non-negative least squares on the differences
/// (Wolfe, Math. Program. 11, 1976, 128, with the scaling equation of Haskell and Hanson, Math. Program. 21, 1981, 98).
/// Errors: <c>matrix_shape</c>, <c>lcf_options</c>, <c>lcf_references</c>, <c>lcf_subsets</c>.
/// </summary>
public static class LinearCombination
{
    /// <summary>Combinations a search may try.</summary>
    public const int MostCombinations = 20_000;

    /// <summary>
    /// Tries all combinations of up to <paramref name="most"/> references on one spectrum; the best come first, by reduced chi-square where
    /// references differ in number and by the R factor where they do not, which is one and the same order.
    /// </summary>
    public static IReadOnlyList<ReferenceCombination> Search(
        IReadOnlyList<double> spectrum, Matrix references, IReadOnlyList<double> axis, int most, LinearCombinationOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentNullException.ThrowIfNull(references);
        options ??= new LinearCombinationOptions();
        if (most < 1) throw new NumericsException("lcf_subsets", "A combination has at least one reference.");
        if (spectrum.Count != references.Columns)
            throw new NumericsException("matrix_shape", Text($"A spectrum of {spectrum.Count} channels and references of {references.Columns}."));
        var largest = Math.Min(most, references.Rows);
        var count = CombinationsUpTo(references.Rows, most);
        if (count > MostCombinations)
            throw new NumericsException("lcf_subsets", Text(
                $"{count:f0} combinations of up to {largest} of {references.Rows} references are too many to try (at most {MostCombinations})."));
        var y = spectrum.ToArray();
        var fits = new Dictionary<string, (int[] Members, LinearCombinationFit Fit)>();
        foreach (var members in Subsets(references.Rows, largest))
        {
            cancellation.ThrowIfCancellationRequested();
            fits.Add(Key(members), (members, new LinearCombinationFitting(references.SelectRows(members), axis, options).Fit(y)));
        }
        return [.. fits.Values
            .Select(item => new ReferenceCombination(item.Members, item.Fit, Significance(item.Members, item.Fit)))
            .OrderBy(item => item.Fit.ReducedChiSquare).ThenBy(item => item.References.Count)];

        double Significance(int[] members, LinearCombinationFit fit)
        {
            if (members.Length == 1) return double.NaN;
            var without = members.Select(left => fits[Key([.. members.Where(member => member != left)])].Fit).MinBy(smaller => smaller.SumOfSquares);
            var freedom = spectrum.Count - fit.Parameters;
            if (without is null || freedom <= 0) return double.NaN;
            var extra = Math.Max(1, fit.Parameters - without.Parameters);
            var lost = Math.Max(0, without.SumOfSquares - fit.SumOfSquares) / extra;
            return lost == 0 ? 1 : FisherDistribution.UpperTail(lost / (fit.SumOfSquares / freedom), extra, freedom);
        }
    }

    /// <summary>How many combinations of 1 to <paramref name="most"/> of so many references there are.</summary>
    public static double CombinationsUpTo(int references, int most) => Enumerable.Range(1, Math.Clamp(most, 0, references)).Sum(size => Choices(references, size));

    private static string Key(int[] members) => string.Join(',', members);

    private static double Choices(int of, int size) => Enumerable.Range(1, size).Aggregate(1.0, (product, step) => product * (of - size + step) / step);

    private static IEnumerable<int[]> Subsets(int count, int largest)
    {
        for (var size = 1; size <= largest; size++)
        {
            var members = Enumerable.Range(0, size).ToArray();
            while (true)
            {
                yield return (int[])members.Clone();
                var at = size - 1;
                while (at >= 0 && members[at] == count - size + at) at--;
                if (at < 0) break;
                members[at]++;
                for (var next = at + 1; next < size; next++) members[next] = members[next - 1] + 1;
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
