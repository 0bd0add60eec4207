using System.Numerics.Tensors;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>What one sign of broken bilinearity says: whether it speaks against D = C S, its figure, and the same in words.</summary>
public sealed record BilinearitySign(string Sign, bool Against, double Figure, string Reading);

/// <summary>
/// Whether a fixed number of spectra in changing amounts can describe the series. Where not, <see cref="Warnings"/> holds the code
/// <c>not_bilinear</c>: resolved "components" would then be mixtures that no substance has.
/// </summary>
public sealed record BilinearityVerdict(
    bool Bilinear, int Components, double LofPercent, string Summary, IReadOnlyList<BilinearitySign> Signs, IReadOnlyList<ReadingWarning> Warnings);

/// <summary>
/// Looks for signs that k components in changing amounts do not describe a series, as where lines move, broaden or relax with temperature:
/// <list type="bullet">
/// <item>misfit: the best possible lack of fit of k components (principal components), against what the noise alone would leave; the noise is
/// estimated from third differences along the axis;</item>
/// <item>rank: more than k components by Malinowski's IND or F test;</item>
/// <item>structure: the first loading beyond k is smooth along the axis (Durbin-Watson ratio below 1);</item>
/// <item>windows: the number of components that stand above the noise in the whole series against that in the windows of a fifth of it: it grows
/// where spectra change their shape steadily;</item>
/// <item>shift: how much of what one component leaves lies along the derivative of the mean spectrum, which is where a moving line goes.</item>
/// </list>
/// The verdict is "not bilinear" where the misfit beyond the noise is material (more than <c>materialPercent</c>, and than half of the noise), and
/// rank or structure say so too; windows and shift only tell why. Asked with too few components a bilinear series is flagged as well: more
/// components, or none, describe it.
/// </summary>
public static class Bilinearity
{
    private const double AboveNoise = 0.5;
    private const double Smooth = 1;
    private const double MostlyShift = 0.3;
    private const int Windows = 5;

    /// <summary>Judges <paramref name="data"/> (n spectra x m channels) for <paramref name="components"/> components. Errors:
    /// <c>component_count</c>, <c>zero_data</c>.</summary>
    public static BilinearityVerdict Check(
        Matrix data, int components, double materialPercent = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var shorter = Math.Min(data.Rows, data.Columns);
        if (components < 1 || components >= shorter)
            throw new NumericsException("component_count", Require.Text(
                $"{components} components of {data.Rows} x {data.Columns} leave nothing to judge by."));
        var principal = PrincipalComponents.OfLarge(data, cancellation: cancellation);
        var rank = RankAnalysis.Of(principal);
        var lof = principal.LofPercent(components);
        var noise = NoiseLevel(data);
        var misfit = Misfit(data, components, lof, noise, materialPercent);
        // Where IND finds the rank, what lies beyond it is the better measure of uneven noise.
        var remainder = rank.Verdict.Evidence.Single(item => item.Indicator == "IND").Suggests is { } found ? rank.RealError[found - 1] : 0;
        BilinearitySign[] signs =
        [
            misfit, Rank(rank, components), Structure(rank, components),
            InWindows(data, principal, Math.Max(noise, remainder), components, misfit.Against, cancellation), Shift(data, principal, misfit.Against),
        ];
        var bilinear = !(signs[0].Against && (signs[1].Against || signs[2].Against));
        var reasons = string.Join(" ", signs.Where(sign => sign.Against).Select(sign => sign.Reading));
        var summary = bilinear
            ? Require.Text($"{components} components describe the series to {lof:g3} %: nothing material speaks against it.")
            : Require.Text($"{components} components in changing amounts do not describe the series. {reasons}");
        return new BilinearityVerdict(bilinear, components, lof, summary, signs, bilinear ? [] : [new("not_bilinear", summary)]);
    }

    private static double NoiseLevel(Matrix data)
    {
        var levels = new List<double>();
        for (var row = 0; row < data.Rows; row++)
            if (Robust.Noise(data.Row(row)) is { } level) levels.Add(level * level);
        return levels.Count == 0 ? 0 : Math.Sqrt(levels.Average());
    }

    private static BilinearitySign Misfit(Matrix data, int components, double lof, double noise, double material)
    {
        // Noise in n x m values, less what k components take up of it.
        var free = (double)(data.Rows - components) * (data.Columns - components);
        var floor = 100 * noise * Math.Sqrt(free) / data.FrobeniusNorm();
        var excess = Math.Sqrt(Math.Max(0, lof * lof - floor * floor));
        var against = excess > Math.Max(material, AboveNoise * floor);
        return new("misfit", against, lof, Require.Text(
            $"The best fit of {components} components leaves {lof:g3} %, where the noise alone would leave about {floor:g3} %."));
    }

    private static BilinearitySign Rank(RankAnalysis rank, int components)
    {
        var votes = rank.Verdict.Evidence.Where(item => item.Indicator is "IND" or "F test").ToArray();
        var more = votes.Where(item => item.Suggests > components).ToArray();
        // A test without a number says that what is left is not white noise whatever the number.
        var silent = votes.Count(item => item.Suggests is null);
        var said = string.Join(", ", more.Select(item => Require.Text($"{item.Indicator} {item.Suggests}")));
        return new("rank", more.Length > 0 || silent == votes.Length, more.Max(item => item.Suggests) ?? components,
            more.Length > 0 ? $"More components are significant ({said})."
            : silent == votes.Length ? "Neither IND nor the F test comes to an end: what is left is not white noise."
            : Require.Text($"No indicator asks for more than {components} components."));
    }

    private static BilinearitySign Structure(RankAnalysis rank, int components)
    {
        if (components >= rank.DurbinWatson.Count) return new("structure", false, 2, "There is no further loading to look at.");
        var ratio = rank.DurbinWatson[components];
        return new("structure", ratio < Smooth, ratio, Require.Text(
            $"The loading of component {components + 1} has the Durbin-Watson ratio {ratio:g3} (0 smooth, 2 noise)."));
    }

    private static BilinearitySign InWindows(
        Matrix data, PrincipalComponents whole, double noise, int components, bool misfit, CancellationToken cancellation)
    {
        var width = data.Rows / Windows;
        if (width < 4) return new("windows", false, 0, "The series is too short to be looked at in windows.");
        var all = Above(whole, noise);
        var local = 0;
        for (var window = 0; window < Windows; window++)
        {
            var rows = data.SelectRows([.. Enumerable.Range(window * width, width)]);
            if (rows.FrobeniusNorm() > 0) local = Math.Max(local, Above(PrincipalComponents.Of(rows, cancellation: cancellation), noise));
        }
        return new("windows", misfit && all > components && all > local, all, Require.Text(
            $"Above the noise stand {all} components in the whole series and at most {local} in any fifth of it."));
    }

    // White noise alone gives singular values up to noise x (sqrt n + sqrt m) (Geman, Ann. Probab. 8, 1980, 252).
    private static int Above(PrincipalComponents principal, double noise)
    {
        var edge = 1.1 * noise * (Math.Sqrt(principal.Rows) + Math.Sqrt(principal.Columns));
        return principal.SingularValues.Count(value => value > edge && value > 1e-12 * principal.SingularValues[0]);
    }

    private static BilinearitySign Shift(Matrix data, PrincipalComponents principal, bool misfit)
    {
        if (data.Columns < 5) return new("shift", false, 0, "Too few channels to see a shift.");
        var mean = principal.Loadings.Row(0);
        var slope = new double[data.Columns];
        for (var c = 1; c + 1 < slope.Length; c++) slope[c] = 0.5 * (mean[c + 1] - mean[c - 1]);
        var along = TensorPrimitives.Dot(mean, slope.AsSpan());
        TensorPrimitives.MultiplyAdd(mean, -along, slope, slope);
        var length = TensorPrimitives.Norm<double>(slope);
        if (length == 0) return new("shift", false, 0, "The mean spectrum is flat: a shift would not be seen.");
        double explained = 0, total = 0;
        for (var row = 0; row < data.Rows; row++)
        {
            var left = data.Row(row).ToArray();
            TensorPrimitives.MultiplyAdd(mean, -TensorPrimitives.Dot<double>(left, mean), left, left);
            var part = TensorPrimitives.Dot<double>(left, slope) / length;
            explained += part * part;
            total += TensorPrimitives.SumOfSquares<double>(left);
        }
        var share = total > 0 ? explained / total : 0;
        return new("shift", misfit && share > MostlyShift, share, Require.Text(
            $"{100 * share:g2} % of what one component leaves lies along the derivative of the mean spectrum, where a moving line goes."));
    }
}
