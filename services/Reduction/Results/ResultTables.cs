using System.Globalization;
using CsvHelper;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Results;

/// <summary>The profiles of a reduction as CSV tables, numbers with a point and all their digits.</summary>
public static class ResultTables
{
    /// <summary>All tables of an outcome by the names of their files.</summary>
    public static IReadOnlyList<(string Name, Action<TextWriter> Write)> All(ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return
        [
            ("concentrations.csv", text => WriteConcentrations(text, outcome)), ("spectra.csv", text => WriteSpectra(text, outcome)),
            .. outcome.Uncertainty is { } found
                ? (IReadOnlyList<(string, Action<TextWriter>)>)
                [
                    ("concentrations-uncertainty.csv", text => WriteUncertainty(
                        text, "spectrum", [.. Enumerable.Range(0, outcome.Concentrations.Rows).Select(row => row.ToString(CultureInfo.InvariantCulture))],
                        [.. Enumerable.Range(0, outcome.Spectra.Rows).Select(outcome.NameOf)], outcome.Concentrations, found.DeviationC, found.LowC, found.HighC)),
                    ("spectra-uncertainty.csv", text => WriteUncertainty(
                        text, outcome.Used.Axis.Label, [.. outcome.Used.Axis.Values.Select(Number)], [.. Enumerable.Range(0, outcome.Spectra.Rows).Select(outcome.NameOf)],
                        outcome.Spectra.Transpose(), found.DeviationS.Transpose(), found.LowS.Transpose(), found.HighS.Transpose())),
                ]
                : [],
            .. outcome.Combination is { } combination
                ? (IReadOnlyList<(string, Action<TextWriter>)>)
                [
                    ("combination.csv", text => WriteCombination(text, combination)),
                    .. combination.Rankings.Count > 0 ? (IReadOnlyList<(string, Action<TextWriter>)>)[("combinations-ranked.csv", text => WriteRankings(text, combination))] : [],
                ]
                : [],
        ];
    }

    // One row per place; of every component its value, standard deviation and the ends of the band.
    private static void WriteUncertainty(TextWriter writer, string along, string[] places, string[] names, Matrix values, Matrix deviations, Matrix low, Matrix high)
    {
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        csv.WriteField(along);
        foreach (var name in names)
            foreach (var what in (string[])["", " deviation", " low", " high"]) csv.WriteField(name + what);
        csv.NextRecord();
        for (var place = 0; place < places.Length; place++)
        {
            csv.WriteField(places[place]);
            for (var k = 0; k < names.Length; k++)
                foreach (var matrix in (Matrix[])[values, deviations, low, high]) csv.WriteField(Number(matrix[place, k]));
            csv.NextRecord();
        }
    }

    // One row per spectrum: fractions, their standard errors, shifts, and how well it fits.
    private static void WriteCombination(TextWriter writer, CombinationOutcome combination)
    {
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        csv.WriteField("spectrum");
        foreach (var name in combination.References)
            foreach (var what in (string[])["", " error", " shift"]) csv.WriteField(name + what);
        foreach (var name in (string[])["background", "slope", "R factor", "reduced chi square"]) csv.WriteField(name);
        csv.NextRecord();
        foreach (var (spectrum, fit) in combination.Fits.Index())
        {
            csv.WriteField(spectrum);
            for (var k = 0; k < combination.References.Count; k++)
                foreach (var value in (double[])[fit.Weights[k], fit.Errors[k], fit.Shifts[k]]) csv.WriteField(Number(value));
            foreach (var value in (double[])[fit.Background.ElementAtOrDefault(0), fit.Background.ElementAtOrDefault(1), fit.RFactor, fit.ReducedChiSquare]) csv.WriteField(Number(value));
            csv.NextRecord();
        }
    }

    private static void WriteRankings(TextWriter writer, CombinationOutcome combination)
    {
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        foreach (var name in (string[])["spectrum", "place", "references", "fractions", "R factor", "reduced chi square", "significance"]) csv.WriteField(name);
        csv.NextRecord();
        foreach (var (spectrum, ranking) in combination.Rankings.Index())
            foreach (var (place, tried) in ranking.Index())
            {
                csv.WriteField(spectrum);
                csv.WriteField(place + 1);
                csv.WriteField(string.Join(" + ", tried.References.Select(reference => combination.References[reference])));
                csv.WriteField(string.Join(" + ", tried.Weights.Select(Number)));
                csv.WriteField(Number(tried.RFactor));
                csv.WriteField(Number(tried.ReducedChiSquare));
                csv.WriteField(tried.Significance is { } chance ? Number(chance) : "");
                csv.NextRecord();
            }
    }

    /// <summary>One row per spectrum: its number, time and label where known, and the concentration of each component.</summary>
    public static void WriteConcentrations(TextWriter writer, ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        var (times, labels, c) = (outcome.Used.Times, outcome.Used.Labels, outcome.Concentrations);
        csv.WriteField("spectrum");
        if (times is not null) csv.WriteField("time");
        if (labels is not null) csv.WriteField("label");
        for (var k = 0; k < c.Columns; k++) csv.WriteField(outcome.NameOf(k));
        csv.NextRecord();
        for (var row = 0; row < c.Rows; row++)
        {
            csv.WriteField(row);
            if (times is not null) csv.WriteField(times[row].ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));
            if (labels is not null) csv.WriteField(labels[row]);
            foreach (var value in c.Row(row)) csv.WriteField(Number(value));
            csv.NextRecord();
        }
    }

    /// <summary>One row per channel: its place on the axis and the value of each component's spectrum there.</summary>
    public static void WriteSpectra(TextWriter writer, ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        csv.WriteField(outcome.Used.Axis.Label);
        for (var k = 0; k < outcome.Spectra.Rows; k++) csv.WriteField(outcome.NameOf(k));
        csv.NextRecord();
        for (var channel = 0; channel < outcome.Spectra.Columns; channel++)
        {
            csv.WriteField(Number(outcome.Used.Axis.Values[channel]));
            for (var k = 0; k < outcome.Spectra.Rows; k++) csv.WriteField(Number(outcome.Spectra[k, channel]));
            csv.NextRecord();
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
