using System.Globalization;
using System.Text.Json;
using PureHDF;
using Tutti.Reduction.Numerics;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Results;

/// <summary>
/// A result as a NeXus file (HDF5): what was measured, what was found, and how.
/// <code>
/// /entry (NXentry)
///   spectra        (NXdata)  component x axis; _errors, _low, _high where uncertainty was looked for
///   concentrations (NXdata)  spectrum x component; beside them what the preparation knows of each spectrum; likewise, or errors of fitted fractions with R factor
///                            and chi-square
///   residual       (NXdata)  spectrum x axis, measured - model; left out of large series
///   fit            (NXcollection)  lack of fit per iteration, singular values, figures
///   process        (NXprocess)  program, version, options, hash of the input, sources
/// </code>
/// </summary>
public static class NexusFile
{
    private const long MostResiduals = 2_000_000;

    /// <summary>Writes the file; the same result gives the same bytes.</summary>
    public static void Write(Stream file, ReductionOutcome outcome, ResultDescription told)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(told);
        var (used, result) = (outcome.Used, outcome.Result);
        var axis = used.Axis.Values.ToArray();
        var numbers = Enumerable.Range(0, used.Data.Rows).Select(index => (double)index).ToArray();
        var components = Enumerable.Range(1, outcome.Spectra.Rows).Select(index => (double)index).ToArray();
        H5Dataset Axis() => With(new H5Dataset(axis), ("units", used.Axis.Unit ?? ""), ("long_name", used.Axis.Label));

        var spectra = Group("NXdata", ("signal", "spectra"));
        spectra.Attributes["axes"] = new[] { "component", "axis" };
        spectra["spectra"] = With(Table(outcome.Spectra), ("long_name", "signal per unit of concentration"));
        spectra["component"] = new H5Dataset(components);
        if (outcome.Uncertainty is { } found)
            (spectra["spectra_errors"], spectra["spectra_low"], spectra["spectra_high"]) = (Table(found.DeviationS), Table(found.LowS), Table(found.HighS));
        spectra["axis"] = Axis();

        var concentrations = Group("NXdata", ("signal", "concentrations"));
        concentrations.Attributes["axes"] = new[] { used.Times is null ? "spectrum" : "time", "component" };
        concentrations["concentrations"] = Table(outcome.Concentrations);
        concentrations["component"] = new H5Dataset(components);
        if (outcome.Uncertainty is { } around)
            (concentrations["concentrations_errors"], concentrations["concentrations_low"], concentrations["concentrations_high"]) = (Table(around.DeviationC), Table(around.LowC), Table(around.HighC));
        if (outcome.Combination is { } combination)
        {
            concentrations["concentrations_errors"] = new H5Dataset(
                combination.Fits.SelectMany(fit => fit.Errors).ToArray(), fileDims: [(ulong)combination.Fits.Count, (ulong)combination.References.Count]);
            concentrations["reference"] = new H5Dataset(combination.References.ToArray());
            concentrations["r_factor"] = new H5Dataset(combination.Fits.Select(fit => fit.RFactor).ToArray());
            concentrations["reduced_chi_square"] = new H5Dataset(combination.Fits.Select(fit => fit.ReducedChiSquare).ToArray());
        }
        concentrations["spectrum"] = new H5Dataset(numbers);
        if (used.Times is { Count: > 0 } times)
            concentrations["time"] = With(
                new H5Dataset(times.Select(time => (time - times[0]).TotalSeconds).ToArray()), ("units", "s"), ("start", times[0].ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)));
        foreach (var (name, values) in outcome.Prepared.Columns.Where(column => column.Value.Count == used.Data.Rows).OrderBy(column => column.Key, StringComparer.Ordinal))
            concentrations[name] = new H5Dataset(values.Select(value => value ?? double.NaN).ToArray());
        if (used.Labels is { } labels) concentrations["label"] = new H5Dataset(labels.ToArray());

        var fit = Group("NXcollection");
        fit["lof_percent"] = new H5Dataset(result.LofPercent.ToArray());
        fit["singular_values"] = new H5Dataset(result.SingularValues.ToArray());
        fit["best_lof_percent"] = new H5Dataset(result.BestLofPercent);
        fit["r2_percent"] = new H5Dataset(result.R2Percent);
        fit["iterations"] = new H5Dataset(result.Iterations);
        fit["stop_reason"] = new H5Dataset(result.StopReason.Word());
        fit["rank_verdict"] = new H5Dataset(result.Rank.Summary);

        var process = Group("NXprocess");
        process["program"] = new H5Dataset("Tutti");
        process["version"] = new H5Dataset(result.ToolVersion);
        process["options"] = new H5Dataset(JsonSerializer.Serialize(result.Options, Json.Stored));
        process["input_sha256"] = new H5Dataset(result.InputHash);
        if (result.Sources.Count > 0) process["sources"] = new H5Dataset(result.Sources.Select(source => $"{source.Sha256}  {source.Name}").ToArray());
        if (result.References.Count > 0)
            process["references"] = new H5Dataset(result.References.SelectMany(reference => reference.Sources.Select(source => $"{reference.Name}: {source.Sha256}  {source.Name}")).ToArray());
        if (result.Warnings.Count > 0) process["warnings"] = new H5Dataset(result.Warnings.Select(warning => $"{warning.Code}: {warning.Message}").ToArray());
        if (told.Recipe is { } recipe) process["recipe"] = new H5Dataset(recipe);

        var entry = Group("NXentry", ("default", "spectra"));
        entry["title"] = new H5Dataset(told.DataSet);
        if (told.Instrument.Length > 0) entry["instrument_name"] = new H5Dataset(told.Instrument);
        if (told.Technique is { } technique) entry["technique"] = new H5Dataset(technique);
        if (told.Sample is { } sample) entry["sample_name"] = new H5Dataset(sample);
        if (told.Licence is { } licence) entry["license"] = new H5Dataset(licence);
        (entry["spectra"], entry["concentrations"], entry["fit"], entry["process"]) = (spectra, concentrations, fit, process);
        if ((long)used.Data.Rows * used.Data.Columns <= MostResiduals)
        {
            var residual = Group("NXdata", ("signal", "residual"));
            residual.Attributes["axes"] = new[] { "spectrum", "axis" };
            residual["residual"] = Table(Matrix.FromRows([.. Enumerable.Range(0, used.Data.Rows).Select(outcome.Residual)]));
            residual["spectrum"] = new H5Dataset(numbers);
            residual["axis"] = Axis();
            entry["residual"] = residual;
        }

        var root = new H5File { ["entry"] = entry };
        (root.Attributes["NX_class"], root.Attributes["default"], root.Attributes["creator"]) = ("NXroot", "entry", $"Tutti {result.ToolVersion}");
        // The library goes back and forth in what it writes.
        using var memory = new MemoryStream();
        root.Write(memory);
        memory.WriteTo(file);
    }

    private static H5Group Group(string kind, params (string Name, string Text)[] attributes)
    {
        var group = new H5Group();
        group.Attributes["NX_class"] = kind;
        foreach (var (name, text) in attributes) group.Attributes[name] = text;
        return group;
    }

    private static H5Dataset With(H5Dataset data, params (string Name, string Text)[] attributes)
    {
        foreach (var (name, text) in attributes) data.Attributes[name] = text;
        return data;
    }

    private static H5Dataset Table(Matrix matrix) => new(matrix.Values.ToArray(), fileDims: [(ulong)matrix.Rows, (ulong)matrix.Columns]);
}
