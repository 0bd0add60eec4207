using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// Divides each spectrum by its monitor: one count for each spectrum in <paramref name="Monitors"/>, or the series named by
/// <paramref name="Reference"/> (one column: for each spectrum; one row or as many as spectra: for each channel), then multiplies by the mean
/// monitor where <paramref name="KeepScale"/>. Where errors are known, the monitor's counting error joins them if
/// <paramref name="MonitorIsCounts"/>. Errors: <c>not_positive</c>, <c>reference_rows</c>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NormaliseByMonitor(
    IReadOnlyList<double>? Monitors = null, string? Reference = null, bool KeepScale = true, bool MonitorIsCounts = true) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Monitors is null != Reference is null, $"Monitors are given by a list or by a reference: one of both.");

    internal override IReadOnlyList<string> Needs => Reference is null ? [] : [Reference];

    internal override Applied Apply(Working work, References references)
    {
        var monitors = Monitor(work, references);
        foreach (var value in monitors.Values) Require.That(value > 0, "not_positive", $"A monitor of {value} cannot be divided by.");
        var mean = 0.0;
        foreach (var value in monitors.Values) mean += value / monitors.Values.Length;
        var scale = KeepScale ? mean : 1;
        var errors = work.Errors is null ? null : work.Rewritten(work.Errors, work.Axis.Length, (row, from, to) =>
        {
            for (var c = 0; c < to.Length; c++)
            {
                var monitor = At(row, c);
                var counting = MonitorIsCounts ? work.Series.Data[row, c] * work.Series.Data[row, c] / monitor : 0;
                to[c] = scale / monitor * Math.Sqrt(from[c] * from[c] + counting);
            }
        });
        return new Applied(
            work.With((row, from, to) =>
            {
                for (var c = 0; c < to.Length; c++) to[c] = from[c] * (scale / At(row, c));
            }, errors),
            this)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["mean_monitor"] = [mean] },
        };

        double At(int row, int channel) => monitors[monitors.Rows == 1 ? 0 : row, monitors.Columns == 1 ? 0 : channel];
    }

    private Matrix Monitor(Working work, References references)
    {
        if (Monitors is not null)
        {
            Require.OnePerSpectrum(Monitors, work, "the monitor");
            return new Matrix(work.Spectra, 1, [.. Monitors]);
        }
        var data = references.Get(Reference ?? "").Data.ToMatrix();
        Require.That((data.Rows == 1 || data.Rows == work.Spectra) && (data.Columns == 1 || data.Columns == work.Axis.Length), "reference_rows",
            $"A monitor of {data.Rows} x {data.Columns} fits neither the spectra nor the channels of {work.Spectra} x {work.Axis.Length}.");
        return data;
    }
}

/// <summary>Divides each spectrum by the transmission of its sample (a part of one, in <paramref name="Transmissions"/>: one for each spectrum or one
/// for all).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CorrectTransmission(IReadOnlyList<double> Transmissions) : PreparationStep
{
    internal override void Check() => Require.Parameter(Transmissions is { Count: > 0 } && Transmissions.All(value => value is > 0 and <= 1),
        $"A transmission is a part between 0 and 1.");

    internal override Applied Apply(Working work, References references)
    {
        if (Transmissions.Count > 1) Require.OnePerSpectrum(Transmissions, work, "the transmission");
        var parts = Enumerable.Range(0, work.Spectra).Select(row => Transmissions[Transmissions.Count == 1 ? 0 : row]).ToArray();
        return new Applied(NormaliseSpectra.Divided(work, parts), this);
    }
}

/// <summary>
/// Takes the background spectrum named by <paramref name="Reference"/> (one for all, or one for each; on the same axis or interpolated within its
/// range) times <paramref name="BackgroundScale"/> off each spectrum, after the sample's own transmission was corrected for. With
/// <paramref name="BackgroundIsCounts"/> the counting error of the background joins the errors, where those are known. Values below zero are warned
/// of.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SubtractBackground(string Reference = "background", double BackgroundScale = 1, bool BackgroundIsCounts = false)
    : PreparationStep
{
    internal override void Check() => Require.Parameter(double.IsFinite(BackgroundScale), $"The scale is a finite number, not {BackgroundScale}.");

    internal override IReadOnlyList<string> Needs => [Reference];

    internal override Applied Apply(Working work, References references)
    {
        var background = references.Get(Reference);
        Require.That(background.Data.Rows == 1 || background.Data.Rows == work.Spectra, "reference_rows",
            $"The background has {background.Data.Rows} spectra and the series {work.Spectra}: one for all or one for each is needed.");
        var rows = new double[background.Data.Rows][];
        for (var row = 0; row < rows.Length; row++) rows[row] = Spectrum.OnAxis(background, row, work, Reference);
        var errors = work.Errors is null ? null : work.Rewritten(work.Errors, work.Axis.Length, (row, from, to) =>
        {
            for (var c = 0; c < to.Length; c++)
            {
                var counts = BackgroundIsCounts ? Math.Max(1, rows[rows.Length == 1 ? 0 : row][c]) : 0;
                to[c] = Math.Sqrt(from[c] * from[c] + BackgroundScale * BackgroundScale * counts);
            }
        });
        var negative = 0L;
        var without = work.With(
            (row, from, to) =>
            {
                TensorPrimitives.MultiplyAdd(rows[rows.Length == 1 ? 0 : row], -BackgroundScale, from, to);
                foreach (var value in to)
                    if (value < 0) negative++;
            }, errors);
        return new Applied(without, this)
        {
            Warnings = negative == 0 ? [] : [new("negative_values", Require.Text(
                $"{negative} values lie below zero once the background is off: noise, or too large a scale."))],
        };
    }
}
