using System.Globalization;
using CsvHelper;

namespace Tutti.Reduction.Results;

/// <summary>The profiles of a reduction as CSV tables, numbers with a point and all their digits.</summary>
public static class ResultTables
{
    /// <summary>One row per spectrum: its number, time and label where known, what the preparation knows of it (potential, capacity, edge energy; empty where it
    /// does not), and the concentration of each component.</summary>
    public static void WriteConcentrations(TextWriter writer, ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture, leaveOpen: true);
        var (times, labels, c) = (outcome.Used.Times, outcome.Used.Labels, outcome.Concentrations);
        csv.WriteField("spectrum");
        if (times is not null) csv.WriteField("time");
        if (labels is not null) csv.WriteField("label");
        (string Name, IReadOnlyList<double?> Values)[] columns =
            [.. outcome.Prepared.Columns.Where(column => column.Value.Count == c.Rows).OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => (column.Key, column.Value))];
        foreach (var column in columns) csv.WriteField(column.Name);
        for (var k = 0; k < c.Columns; k++) csv.WriteField(Name(k));
        csv.NextRecord();
        for (var row = 0; row < c.Rows; row++)
        {
            csv.WriteField(row);
            if (times is not null) csv.WriteField(times[row].ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));
            if (labels is not null) csv.WriteField(labels[row]);
            foreach (var column in columns) csv.WriteField(column.Values[row] is { } known ? Number(known) : "");
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
        for (var k = 0; k < outcome.Spectra.Rows; k++) csv.WriteField(Name(k));
        csv.NextRecord();
        for (var channel = 0; channel < outcome.Spectra.Columns; channel++)
        {
            csv.WriteField(Number(outcome.Used.Axis.Values[channel]));
            for (var k = 0; k < outcome.Spectra.Rows; k++) csv.WriteField(Number(outcome.Spectra[k, channel]));
            csv.NextRecord();
        }
    }

    private static string Name(int component) => string.Create(CultureInfo.InvariantCulture, $"component {component + 1}");

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
