namespace Tutti.Reduction.Numerics;

/// <summary>
/// Concentration windows of an ordered series from forward and backward evolving factor analysis (<see cref="EvolvingFactors"/>), the start of
/// MCR-ALS where species come and go one after the other. Errors: <c>component_count</c>, <c>zero_data</c>.
/// </summary>
public static class EvolvingStart
{
    /// <summary>C0, n x k, no value negative.</summary>
    public static Matrix Concentrations(Matrix data, int components, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var lines = Math.Min(components + 1, Math.Min(data.Rows, data.Columns));
        return EvolvingFactors.Of(data, Math.Max(lines, components), cancellation: cancellation).Concentrations(components, data.Rows);
    }
}
