using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>The half steps where every value has a weight of its own, zero for a missing one: each spectrum and each channel then has normal
/// equations of its own.</summary>
internal sealed class WeightedFit : AlternatingFit
{
    private readonly Matrix data, weights, turnedData, turnedWeights;
    private readonly int components;
    private readonly RowRanges rows, columns;
    private readonly ProfileSide.Worker[] workersC, workersS;

    public WeightedFit(DataMatrix data, Matrix weights, int components, McrOptions options, ProfileSide concentrations, ProfileSide spectra, CancellationToken cancellation)
        : base(concentrations, spectra)
    {
        (this.data, this.weights, this.components) = (data.ToMatrix(cancellation), weights, components);
        (turnedData, turnedWeights) = (this.data.Transpose(), weights.Transpose());
        (rows, columns) = (new RowRanges(data.Rows, data.Count, options.Threads), new RowRanges(data.Columns, data.Count, options.Threads));
        workersC = [.. Enumerable.Range(0, rows.Count).Select(_ => concentrations.NewWorker())];
        workersS = [.. Enumerable.Range(0, columns.Count).Select(_ => spectra.NewWorker())];
        var weighted = new double[data.Columns];
        for (var row = 0; row < data.Rows; row++)
        {
            if (row % 64 == 0) cancellation.ThrowIfCancellationRequested();
            TensorPrimitives.Multiply(this.data.Row(row), weights.Row(row), weighted);
            TotalSquares += TensorPrimitives.Dot(weighted, this.data.Row(row));
        }
    }

    public override double TotalSquares { get; }

    public override int FitConcentrations(double[] s, double[] c, bool final, CancellationToken cancellation) =>
        Fit(data, weights, s, c, Concentrations, workersC, rows, final, cancellation);

    public override void FitSpectra(double[] c, double[] s, CancellationToken cancellation) =>
        Fit(turnedData, turnedWeights, c, s, Spectra, workersS, columns, close: false, cancellation);

    public override double SquaresLeft(double[] c, double[] s, CancellationToken cancellation)
    {
        var sums = new double[rows.Count];
        rows.ForEach(
            range =>
            {
                var rest = new double[data.Columns];
                for (var spectrum = rows.First(range); spectrum < rows.First(range + 1) && !cancellation.IsCancellationRequested; spectrum++)
                {
                    data.Row(spectrum).CopyTo(rest);
                    for (var j = 0; j < components; j++)
                        TensorPrimitives.MultiplyAdd<double>(s.AsSpan(j * data.Columns, data.Columns), -c[j * data.Rows + spectrum], rest, rest);
                    TensorPrimitives.Multiply(rest, rest, rest);
                    sums[range] += TensorPrimitives.Dot(rest, weights.Row(spectrum));
                }
            },
            cancellation);
        return sums.Sum();
    }

    // Fits each row of the data by the profiles of the other side, held component after component.
    private int Fit(
        Matrix values, Matrix weight, double[] profiles, double[] answer, ProfileSide side, ProfileSide.Worker[] workers, RowRanges ranges, bool close,
        CancellationToken cancellation)
    {
        var open = new int[ranges.Count];
        ranges.ForEach(
            range =>
            {
                var (gram, rhs, weighted) = (new double[components * components], new double[components], new double[components * values.Columns]);
                for (var row = ranges.First(range); row < ranges.First(range + 1) && !cancellation.IsCancellationRequested; row++)
                {
                    for (var a = 0; a < components; a++)
                    {
                        var own = weighted.AsSpan(a * values.Columns, values.Columns);
                        TensorPrimitives.Multiply(profiles.AsSpan(a * values.Columns, values.Columns), weight.Row(row), own);
                        rhs[a] = TensorPrimitives.Dot(own, values.Row(row));
                        for (var b = 0; b <= a; b++)
                            gram[a * components + b] = gram[b * components + a] =
                                TensorPrimitives.Dot<double>(own, profiles.AsSpan(b * values.Columns, values.Columns));
                    }
                    workers[range].SetGram(gram);
                    open[range] += side.Solve(workers[range], rhs, 1, row, 1, answer, close);
                }
            },
            cancellation);
        return open.Sum();
    }
}
