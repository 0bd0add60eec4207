using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// Ties each spectrum to the cell: its time stamp is looked up in the tables named by <paramref name="References"/> (made by <see cref="Table"/>),
/// values between two points linearly interpolated. Columns: <c>seconds</c> since the first spectrum, and what the tables hold (<c>potential</c> V,
/// <c>current</c> mA, <c>capacity</c> mAh). <paramref name="OffsetSeconds"/> is added to the spectra's clock where both clocks differ;
/// <paramref name="SpectrumTimes"/> stand in for time stamps the files do not have. Spectra outside all tables have no values there and are warned
/// of (<c>outside_electrochemistry</c>). Errors: <c>times_missing</c>, <c>clock_missing</c>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ElectrochemistryClock(
    IReadOnlyList<string> References, double OffsetSeconds = 0, IReadOnlyList<DateTime>? SpectrumTimes = null) : PreparationStep
{
    /// <summary>The format that a table of the cell names as its own.</summary>
    internal const string Format = "electrochemistry";

    /// <summary>
    /// A table of the cell as a second input of this step: <paramref name="seconds"/> since <paramref name="start"/> (the clock of the cycler,
    /// without zone), and at least the potential (V); times that do not increase are left out. Errors: <c>clock_missing</c>.
    /// </summary>
    public static SpectralSeries Table(
        DateTime? start, IReadOnlyList<double> seconds, IReadOnlyList<double> volts, IReadOnlyList<double>? milliamperes = null,
        IReadOnlyList<double>? capacity = null)
    {
        ArgumentNullException.ThrowIfNull(seconds);
        ArgumentNullException.ThrowIfNull(volts);
        var quantities = new List<(string Name, IReadOnlyList<double> Values)> { ("potential", volts) };
        if (milliamperes is not null) quantities.Add(("current", milliamperes));
        if (capacity is not null) quantities.Add(("capacity", capacity));
        foreach (var (name, values) in quantities)
            Require.That(values.Count == seconds.Count, "clock_missing", $"The table has {seconds.Count} times and {values.Count} values of {name}.");
        var kept = new List<int>();
        for (var i = 0; i < seconds.Count; i++)
            if (kept.Count == 0 || seconds[i] > seconds[kept[^1]]) kept.Add(i);
        Require.That(kept.Count >= 2, "clock_missing", $"The table has {kept.Count} times that increase; two are needed.");
        return new SpectralSeries(
            Format, new SpectralAxis("time", "s", [.. kept.Select(i => seconds[i])]),
            Matrix.FromRows([.. quantities.Select(quantity => kept.Select(i => quantity.Values[i]).ToArray())]),
            [.. quantities.Select(quantity => quantity.Name)],
            start is { } begin ? [.. quantities.Select(_ => begin)] : null, [], []);
    }

    internal override void Check() => Require.Parameter(
        References is { Count: > 0 } && double.IsFinite(OffsetSeconds), $"The clock needs one table or more and a finite offset.");

    internal override IReadOnlyList<string> Needs => References;

    internal override Applied Apply(Working work, References references)
    {
        if (SpectrumTimes is not null) Require.OnePerSpectrum(SpectrumTimes, work, "the time");
        var times = SpectrumTimes ?? work.Series.Times
            ?? throw new NumericsException("times_missing", "The spectra have no time stamps: give them, or read files that hold them.");
        var columns = new SortedDictionary<string, double?[]>(StringComparer.Ordinal);
        var inside = new bool[work.Spectra];
        foreach (var name in References)
        {
            var table = references.Get(name);
            var start = table.Times?[0] ?? throw new NumericsException("clock_missing",
                $"The table '{name}' does not tell when it began: its times cannot be compared with those of the spectra.");
            double[] seconds = [.. table.Axis.Values];
            for (var quantity = 0; quantity < table.Data.Rows; quantity++)
            {
                var label = table.Labels?[quantity] ?? "potential";
                if (!columns.TryGetValue(label, out var column)) columns[label] = column = new double?[work.Spectra];
                for (var row = 0; row < column.Length; row++)
                {
                    var at = (times[row] - start).TotalSeconds + OffsetSeconds;
                    if (at < seconds[0] || at > seconds[^1] || column[row] is not null) continue;
                    column[row] = Differences.Interpolate(seconds, table.Data.Row(quantity), at);
                    inside[row] = true;
                }
            }
        }
        var clocked = work.WithColumn("seconds", times.Select(time => (time - times[0]).TotalSeconds));
        foreach (var (label, values) in columns) clocked = clocked.WithColumn(label, values);
        var outside = inside.Count(within => !within);
        return new Applied(clocked, this with { SpectrumTimes = [.. times] })
        {
            Warnings = outside == 0 ? [] : [new("outside_electrochemistry", Require.Text(
                $"{outside} of {work.Spectra} spectra were measured outside the tables of the cell and have no potential."))],
        };
    }
}
