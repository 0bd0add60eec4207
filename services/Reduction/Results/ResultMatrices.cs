using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Results;

/// <summary>A result as variables for MATLAB: <c>C</c> (spectra x components), <c>S</c> (components x channels), axis, fit per iteration, provenance;
/// standard deviations and bands (<c>C_deviation</c>, <c>C_low</c>, ...) or errors of fractions (<c>C_error</c>) where they were found.</summary>
public static class ResultMatrices
{
    /// <summary>Writes the file.</summary>
    public static void Write(Stream file, ReductionOutcome outcome, ResultDescription told)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(told);
        var (used, result) = (outcome.Used, outcome.Result);
        var mat = new MatV5Writer(file, $"Tutti {result.ToolVersion}, {told.DataSet}");
        mat.Write("C", outcome.Concentrations.Rows, outcome.Concentrations.Columns, outcome.Concentrations.Values);
        mat.Write("S", outcome.Spectra.Rows, outcome.Spectra.Columns, outcome.Spectra.Values);
        if (outcome.Uncertainty is { } found)
            foreach (var (name, matrix) in ((string, Matrix)[])
                [("C_deviation", found.DeviationC), ("C_low", found.LowC), ("C_high", found.HighC), ("S_deviation", found.DeviationS), ("S_low", found.LowS), ("S_high", found.HighS)])
                mat.Write(name, matrix.Rows, matrix.Columns, matrix.Values);
        if (outcome.Combination is { } combination)
        {
            mat.Write("C_error", outcome.Concentrations.Rows, outcome.Concentrations.Columns, [.. combination.Fits.SelectMany(fit => fit.Errors)]);
            mat.Write("r_factor", combination.Fits.Count, 1, [.. combination.Fits.Select(fit => fit.RFactor)]);
            mat.Write("reduced_chi_square", combination.Fits.Count, 1, [.. combination.Fits.Select(fit => fit.ReducedChiSquare)]);
        }
        mat.Write("axis", 1, used.Axis.Values.Count, [.. used.Axis.Values]);
        if (used.Times is { Count: > 0 } times) mat.Write("hours", times.Count, 1, [.. times.Select(time => (time - times[0]).TotalHours)]);
        mat.Write("lof_percent", result.LofPercent.Count, 1, [.. result.LofPercent]);
        mat.Write("singular_values", result.SingularValues.Count, 1, [.. result.SingularValues]);
        mat.Write("r2_percent", 1, 1, [result.R2Percent]);
        mat.Write("axis_name", used.Axis.Label);
        mat.Write("result_json", result.ToJson());
    }
}
