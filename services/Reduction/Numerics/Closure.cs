namespace Tutti.Reduction.Numerics;

/// <summary>
/// Mass balance: in every spectrum the concentrations of the given components (all, where none are named) sum to <paramref name="Total"/>. Applied
/// as the last operation on C, by one factor per spectrum; a spectrum whose components are all zero cannot be closed and stays zero.
/// </summary>
public sealed record Closure(double Total = 1, IReadOnlyList<int>? Components = null)
{
    /// <summary>Numbers of the blocks of spectra it holds in, from 0; null for all.</summary>
    public IReadOnlyList<int>? Blocks { get; init; }

    /// <summary>The closed copy of C (spectra x components).</summary>
    public Matrix ApplyTo(Matrix concentrations)
    {
        ArgumentNullException.ThrowIfNull(concentrations);
        Check(concentrations.Columns);
        var turned = concentrations.Transpose();
        var flat = turned.Values.ToArray();
        ApplyTo(flat, concentrations.Rows, 0, concentrations.Rows, concentrations.Columns);
        return new Matrix(turned.Rows, turned.Columns, flat).Transpose();
    }

    internal void Check(int components, int? blocks = null)
    {
        if (!(Total > 0) || !double.IsFinite(Total)) throw new NumericsException("closure_total",
            "The total of a closure is a finite number above zero.");
        if (Blocks is { } within && (within.Count == 0 || within.Any(index => index < 0 || index >= blocks)))
            throw new NumericsException("closure_blocks", "A closure names blocks of spectra that are there.");
        if (Components is not { } named) return;
        if (named.Count == 0 || named.Distinct().Count() != named.Count || named.Any(index => index < 0 || index >= components))
            throw new NumericsException("closure_components", string.Create(null,
                $"A closure names different components between 0 and {components - 1}."));
    }

    /// <summary>Closes spectra first..last (exclusive) of C held component after component; says how many could not be closed.</summary>
    internal int ApplyTo(Span<double> byComponent, int stride, int first, int last, int components)
    {
        var open = 0;
        var count = Components?.Count ?? components;
        for (var spectrum = first; spectrum < last; spectrum++)
        {
            var sum = 0.0;
            for (var index = 0; index < count; index++) sum += byComponent[(Components?[index] ?? index) * stride + spectrum];
            var factor = Total / sum;
            if (!(sum > 0) || !double.IsFinite(factor))
            {
                open++;
                continue;
            }
            for (var index = 0; index < count; index++) byComponent[(Components?[index] ?? index) * stride + spectrum] *= factor;
        }
        return open;
    }
}
