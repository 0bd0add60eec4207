using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// What the residual looks like after k = 0, 1, 2, ... components (index k): the Durbin-Watson ratio, sum of squared differences of neighbours over
/// sum of squares (Durbin and Watson, Biometrika 37, 1950, 409), <see cref="AlongChannels"/> within the spectra and <see cref="AlongRows"/> from
/// spectrum to spectrum. Near 2 the residual is noise without memory, near 0 it still has smooth structure. NaN where nothing remains.
/// </summary>
public sealed record ResidualStructure(IReadOnlyList<double> AlongChannels, IReadOnlyList<double> AlongRows)
{
    /// <summary>The ratio from which a residual passes for noise.</summary>
    public const double NoiseFrom = 1.5;

    private const double Nothing = 1e-28;

    /// <summary>The ratios after 0 to <paramref name="most"/> of <paramref name="components"/>, which are those of <paramref name="data"/>.
    /// Errors: <c>component_count</c>.</summary>
    public static ResidualStructure Of(DataMatrix data, PrincipalComponents components, int most, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(components);
        if (most < 0 || most > components.Loadings.Rows)
            throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"Residuals after {most} components of {components.Loadings.Rows}."));
        var mean = new double[data.Columns];
        for (var row = 0; components.Centred && row < data.Rows; row++) TensorPrimitives.Add<double>(mean, data.Row(row), mean);
        TensorPrimitives.Divide(mean, data.Rows, mean);
        var (squares, channels, rows) = (new double[most + 1], new double[most + 1], new double[most + 1]);
        var before = new double[(most + 1) * data.Columns];
        var steps = new double[data.Columns];
        var rest = new double[data.Columns];
        for (var row = 0; row < data.Rows; row++)
        {
            if (row % 256 == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, rest);
            if (components.Centred) TensorPrimitives.Subtract(rest, mean, rest);
            for (var k = 0; k <= most; k++)
            {
                if (k > 0)
                {
                    var loading = components.Loadings.Row(k - 1);
                    TensorPrimitives.MultiplyAdd(loading, -TensorPrimitives.Dot<double>(loading, rest), rest, rest);
                }
                squares[k] += TensorPrimitives.SumOfSquares<double>(rest);
                var between = steps.AsSpan(0, steps.Length - 1);
                TensorPrimitives.Subtract(rest.AsSpan(1), rest.AsSpan(0, rest.Length - 1), between);
                channels[k] += TensorPrimitives.SumOfSquares<double>(between);
                var last = before.AsSpan(k * data.Columns, data.Columns);
                if (row > 0)
                {
                    TensorPrimitives.Subtract(rest, last, steps);
                    rows[k] += TensorPrimitives.SumOfSquares<double>(steps);
                }
                rest.CopyTo(last);
            }
        }
        return new ResidualStructure(Ratios(channels), Ratios(rows));

        double[] Ratios(double[] differences) =>
            [.. differences.Select((sum, k) => squares[k] > Nothing * squares[0] ? sum / squares[k] : double.NaN)];
    }

    /// <summary>The finding as evidence of a rank verdict; in a series the residual has to be noise from spectrum to spectrum as well.</summary>
    public RankEvidence Reading(int ceiling, bool ordered)
    {
        const string name = "Residual Durbin-Watson";
        var shown = string.Join(", ", Enumerable.Range(1, Math.Max(0, Math.Min(ceiling, AlongChannels.Count - 1)))
            .Select(k => string.Create(CultureInfo.InvariantCulture, $"{k}: {AlongChannels[k]:f2}/{AlongRows[k]:f2}")));
        for (var k = 1; k < AlongChannels.Count && k <= ceiling; k++)
            if (AlongChannels[k] >= NoiseFrom && (!ordered || AlongRows[k] >= NoiseFrom))
                return new(name, k, string.Create(CultureInfo.InvariantCulture,
                    $"After {k} components the residual is noise without memory (ratio along channels/spectra for {shown})."));
        return new(name, null, $"The residual keeps structure (ratio along channels/spectra for {shown}; noise has 2).");
    }
}
