using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Cross-validation of the number of principal components by the eigenvector method (Bro, Kjeldahl, Smilde, Kiers, Anal. Bioanal. Chem. 390, 2008,
/// 1241, where the older schemes of Wold and of Eastment and Krzanowski are compared with it): groups of spectra are left out in turn; each value of
/// a left-out spectrum is predicted from its other channels and the loadings of the remaining spectra, so that no value takes part in its own
/// prediction. With loadings P (k orthonormal rows) and leverage h_j = sum_a P_aj^2 the error of the prediction is (x_j - P'P x_j) / (1 - h_j).
/// <see cref="Press"/>[k] is the sum of squared errors with k components, from k = 0. On data larger than <see cref="MostValues"/> values an evenly
/// spread sample of rows and channels is used.
/// </summary>
public sealed record CrossValidation(IReadOnlyList<double> Press, int Groups, bool Centred, int SampledRows, int SampledColumns)
{
    /// <summary>Values above which a sample stands for the data.</summary>
    public const int MostValues = 262_144;

    private const int MostSide = 384;

    /// <summary>
    /// The fewest components whose PRESS is as good as the smallest; null where it is the last one tried, or none. As good is what differs by less
    /// than half of what one component of pure noise carries of it, (1/sqrt n + 1/sqrt m)^2 (the largest eigenvalue of a random matrix).
    /// </summary>
    public int? Suggests
    {
        get
        {
            var width = 1 / Math.Sqrt(SampledRows) + 1 / Math.Sqrt(SampledColumns);
            var goal = Press.Min() * (1 + 0.5 * width * width);
            var fewest = Enumerable.Range(0, Press.Count).First(k => Press[k] <= goal);
            return fewest == Press.Count - 1 || fewest == 0 ? null : fewest;
        }
    }

    /// <summary>Tries 0 to <paramref name="most"/> components with <paramref name="groups"/> groups of every so-manieth spectrum.
    /// Errors: <c>cross_validation_options</c>, <c>zero_data</c>.</summary>
    public static CrossValidation Of(
        DataMatrix data, int most = 10, int groups = 7, bool centred = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (most < 1 || groups < 2) throw new NumericsException("cross_validation_options",
            "Cross-validation tries at least one component with at least two groups.");
        var sample = DataSample.Of(data, MostValues, MostSide);
        var parts = Math.Min(groups, sample.Rows);
        if (parts < 2) throw new NumericsException("cross_validation_options", "One spectrum alone cannot be left out.");
        var training = sample.Rows - (sample.Rows + parts - 1) / parts;
        var tried = Math.Min(most, Math.Min(training, sample.Columns - 1) - 1);
        var press = new double[Math.Max(0, tried) + 1];
        for (var group = 0; group < parts; group++)
        {
            cancellation.ThrowIfCancellationRequested();
            Leave(sample, group, parts, centred, press, cancellation);
        }
        return new CrossValidation(press, parts, centred, sample.Rows, sample.Columns);
    }

    /// <summary>The finding as evidence of a rank verdict.</summary>
    public RankEvidence Reading(int rows, int columns)
    {
        var on = SampledRows < rows || SampledColumns < columns
            ? Text($" (on {SampledRows} of {rows} spectra and {SampledColumns} of {columns} channels)") : "";
        return Suggests is { } least
            ? new RankEvidence("Cross-validation", least, Text($"Left-out spectra are predicted best with {least} components{on}."))
            : Press.Count == 1 || Press.Min() == Press[0]
                ? new RankEvidence("Cross-validation", null, $"No component helps to predict left-out spectra{on}.")
                : new RankEvidence("Cross-validation", null, Text(
                    $"Up to {Press.Count - 1} components each makes left-out spectra better predicted{on}: the remainder has structure."));
    }

    private static void Leave(Matrix data, int group, int groups, bool centred, double[] press, CancellationToken cancellation)
    {
        var kept = data.SelectRows([.. Enumerable.Range(0, data.Rows).Where(row => row % groups != group)]);
        var mean = new double[data.Columns];
        if (centred)
        {
            for (var row = 0; row < kept.Rows; row++) TensorPrimitives.Add(mean, kept.Row(row), mean);
            TensorPrimitives.Divide(mean, kept.Rows, mean);
        }
        var loadings = press.Length == 1 ? null : PrincipalComponents.Of(kept, centred, keep: press.Length - 1, cancellation).Loadings;
        var left = new double[data.Columns];
        var rest = new double[data.Columns];
        for (var row = group; row < data.Rows; row += groups)
        {
            TensorPrimitives.Subtract(data.Row(row), mean, rest);
            var open = new double[data.Columns];
            Array.Fill(open, 1);
            press[0] += TensorPrimitives.SumOfSquares<double>(rest);
            for (var k = 1; k < press.Length && loadings is not null; k++)
            {
                var loading = loadings.Row(k - 1);
                TensorPrimitives.MultiplyAdd(loading, -TensorPrimitives.Dot<double>(loading, rest), rest, rest);
                for (var channel = 0; channel < open.Length; channel++) open[channel] -= loading[channel] * loading[channel];
                // A channel that is a component of its own has no others to be predicted from.
                TensorPrimitives.Max(open, 1e-6, open);
                TensorPrimitives.Divide(rest, open, left);
                press[k] += TensorPrimitives.SumOfSquares<double>(left);
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
