using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Multivariate curve resolution by alternating least squares: D (n spectra x m channels) = C S + E under constraints (Tauler, Chemom. Intell. Lab.
/// Syst. 30, 1995, 133; Jaumot et al., ibid. 76, 2005, 101). One iteration is: C from S, closure, S from C; then the lack of fit is evaluated
/// directly in float64. With non-negativity alone on exact least squares the lack of fit never rises; whatever happens, the best iterate is the one
/// returned.
/// Errors: <c>component_count</c>, <c>matrix_shape</c>, <c>zero_data</c>, <c>start_zero</c>, <c>options</c>, <c>closure_total</c>,
/// <c>closure_components</c>, <c>no_finite_fit</c>, and those of <see cref="Simplisma"/>.
/// </summary>
public static class McrAls
{
    // A residual this small relative to the data is rounding of the evaluation itself.
    private const double PerfectLofPercent = 1e-12;

    /// <summary>Resolves <paramref name="data"/>; the cancellation is noticed within an iteration.</summary>
    public static McrResult Resolve(
        Matrix data, McrStart start, McrOptions? options = null, IProgress<McrProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(start);
        options ??= new McrOptions();
        var components = Components(start);
        Check(data, components, options);
        return new Iteration(data, components, options, progress, cancellation).Run(start);
    }

    private static int Components(McrStart start) => start switch
    {
        McrStart.Spectra given => given.S.Rows,
        McrStart.Concentrations given => given.C.Columns,
        McrStart.PurestSpectra purest => purest.Components,
        McrStart.PurestChannels purest => purest.Components,
        _ => throw new NumericsException("options", "Unknown kind of start."),
    };

    private static void Check(Matrix data, int components, McrOptions options)
    {
        if (components < 1 || components > Math.Min(NonNegativeLeastSquares.MaxComponents, Math.Min(data.Rows, data.Columns)))
            throw new NumericsException("component_count", Text(
                $"{components} components cannot be resolved from {data.Rows} x {data.Columns} data (at most {NonNegativeLeastSquares.MaxComponents})."));
        if (options.Threads < 1) throw new NumericsException("options", "At least one thread is needed.");
        if ((options.ExactIterations ?? options.MaxIterations) < 1) throw new NumericsException("options", "At least one iteration is needed.");
        if (!(options.Tolerance >= 0)) throw new NumericsException("options", "The tolerance is a number not below zero.");
        if (options.DivergenceLimit < 1) throw new NumericsException("options", "The divergence limit is at least one iteration.");
        options.Closure?.Check(components);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Iteration(Matrix data, int components, McrOptions options, IProgress<McrProgress>? progress, CancellationToken cancellation)
    {
        private readonly AlsSweep sweep = new(data, components, options);
        private readonly NonNegativeLeastSquares solver = new(components);
        private readonly double[] gram = new double[components * components];
        private readonly List<double> history = [];
        private readonly int limit = options.ExactIterations ?? options.MaxIterations;
        private uint[] passive = [];
        private (double[] C, double[] S) best, current, spare;
        private (double[] C, double[] S)? idle;
        private int bestIteration, openSpectra;

        public McrResult Run(McrStart start)
        {
            passive = solver.FirstGuess(data.Columns);
            current = (Matrix.Allocate(components, data.Rows), Begin(start));
            spare = Fresh();

            // Before the first iteration the model is zero, so the first residual is |D|^2.
            Spectra(current.S);
            var total = sweep.Run(current.S, gram, current.C, spare.C, cancellation);
            if (total == 0) throw new NumericsException("zero_data", "All values are zero.");
            Advance();
            for (var iteration = 1; ; iteration++)
            {
                var open = sweep.OpenSpectra;
                var last = iteration == limit;
                double squares;
                if (last) squares = sweep.Residual(current.S, current.C, cancellation);
                else
                {
                    Spectra(current.S);
                    squares = sweep.Run(current.S, gram, current.C, spare.C, cancellation);
                }
                if (Record(iteration, open, 100 * Math.Sqrt(squares / total), last) is { } reason) return Result(reason);
                Advance();
            }
        }

        private double[] Begin(McrStart start)
        {
            switch (start)
            {
                case McrStart.Spectra given:
                    if (given.S.Columns != data.Columns)
                        throw new NumericsException("matrix_shape", Text(
                            $"The given spectra have {given.S.Columns} channels where the data have {data.Columns}."));
                    RejectZero(given.S);
                    return given.S.Values.ToArray();
                case McrStart.Concentrations given:
                    if (given.C.Rows != data.Rows)
                        throw new NumericsException("matrix_shape", Text(
                            $"The given concentrations are of {given.C.Rows} spectra where the data have {data.Rows}."));
                    return From(given.C);
                case McrStart.PurestSpectra purest:
                    var rows = data.SelectRows(Simplisma.PurestRows(data, components, purest.NoisePercent)).Values.ToArray();
                    if (options.NonNegativeS) TensorPrimitives.Max(rows, 0, rows);
                    return rows;
                case McrStart.PurestChannels purest:
                    return From(data.SelectColumns(Simplisma.PurestColumns(data, components, purest.NoisePercent)));
                default:
                    throw new NumericsException("options", "Unknown kind of start.");
            }
        }

        private double[] From(Matrix concentrations)
        {
            var turned = concentrations.Transpose();
            RejectZero(turned);
            var c = turned.Values.ToArray();
            if (options.NonNegativeC) TensorPrimitives.Max(c, 0, c);
            sweep.Accumulate(c, cancellation);
            var s = Matrix.Allocate(components, data.Columns);
            SolveSpectra(s);
            return s;
        }

        private static void RejectZero(Matrix start)
        {
            for (var row = 0; row < start.Rows; row++)
                if (TensorPrimitives.SumOfSquares(start.Row(row)) == 0)
                    throw new NumericsException("start_zero", Text($"Component {row} of the start is zero everywhere."));
        }

        // Makes the concentrations of the pass just done current and fits the spectra to them.
        private void Advance()
        {
            SolveSpectra(spare.S);
            // The best iterate and the current one keep their memory; whatever is neither is written over next.
            var free = !ReferenceEquals(current.C, best.C) ? current : idle ?? Fresh();
            idle = null;
            (current, spare) = (spare, free);
        }

        private (double[] C, double[] S) Fresh() => (Matrix.Allocate(components, data.Rows), Matrix.Allocate(components, data.Columns));

        private void SolveSpectra(double[] target)
        {
            solver.SetGram(sweep.Gram);
            if (options.NonNegativeS) solver.Solve(sweep.CrossProducts, data.Columns, target, data.Columns, passive, data.Columns);
            else solver.SolveUnconstrained(sweep.CrossProducts, data.Columns, target, data.Columns, data.Columns);
        }

        private void Spectra(double[] s)
        {
            for (var a = 0; a < components; a++)
                for (var b = 0; b <= a; b++)
                    gram[a * components + b] = gram[b * components + a] = TensorPrimitives.Dot<double>(
                        s.AsSpan(a * data.Columns, data.Columns), s.AsSpan(b * data.Columns, data.Columns));
        }

        private StopReason? Record(int iteration, int open, double lof, bool last)
        {
            var finite = double.IsFinite(lof);
            var before = history.Count == 0 ? double.NaN : history[^1];
            if (finite)
            {
                history.Add(lof);
                if (bestIteration == 0 || lof < history[bestIteration - 1])
                {
                    if (bestIteration > 0) idle = best;
                    (best, bestIteration, openSpectra) = (current, iteration, open);
                }
                progress?.Report(new McrProgress(iteration, limit, lof, history[bestIteration - 1]));
            }
            else if (bestIteration == 0) throw new NumericsException("no_finite_fit",
                "The first iteration already gave numbers beyond float64; scale the data.");
            if (!finite) return StopReason.Diverged;
            if (options.ExactIterations is not null) return last ? StopReason.ExactIterations : null;
            if (lof <= PerfectLofPercent) return StopReason.PerfectFit;
            if (Math.Abs(Math.Log(lof) - Math.Log(before)) < options.Tolerance) return StopReason.Converged;
            if (iteration - bestIteration > options.DivergenceLimit) return StopReason.Diverged;
            return last ? StopReason.MaxIterations : null;
        }

        private McrResult Result(StopReason reason)
        {
            var c = new Matrix(components, data.Rows, best.C).Transpose();
            var s = new Matrix(components, data.Columns, best.S);
            var vanished = Enumerable.Range(0, components)
                .Where(index => TensorPrimitives.SumOfSquares(s.Row(index)) == 0
                    || TensorPrimitives.SumOfSquares<double>(c.Column(index)) == 0).ToArray();
            return new McrResult(c, s, reason, history.Count, bestIteration, history, vanished, openSpectra);
        }
    }
}
