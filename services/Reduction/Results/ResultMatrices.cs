namespace Tutti.Reduction.Results;

/// <summary>A result as variables for MATLAB: <c>C</c> (spectra x components), <c>S</c> (components x channels), axis, fit per iteration, provenance.</summary>
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
        mat.Write("axis", 1, used.Axis.Values.Count, [.. used.Axis.Values]);
        if (used.Times is { Count: > 0 } times) mat.Write("hours", times.Count, 1, [.. times.Select(time => (time - times[0]).TotalHours)]);
        mat.Write("lof_percent", result.LofPercent.Count, 1, [.. result.LofPercent]);
        mat.Write("singular_values", result.SingularValues.Count, 1, [.. result.SingularValues]);
        mat.Write("r2_percent", 1, 1, [result.R2Percent]);
        mat.Write("axis_name", used.Axis.Label);
        mat.Write("result_json", result.ToJson());
    }
}
