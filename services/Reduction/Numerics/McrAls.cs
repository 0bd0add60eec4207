using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Multivariate curve resolution by alternating least squares (Tauler, Chemom. Intell. Lab. Syst. 30, 1995, 133): D (n spectra x m channels) = C S +
/// E. One iteration fits C to S, applies the constraints on C, fits S to C, applies the constraints on S, and takes the lack of fit. The best iterate
/// is kept whatever happens afterwards, and the reason of the stop is said.
/// Errors: <c>component_count</c>, <c>matrix_shape</c>, <c>start_zero</c>, <c>zero_data</c>, <c>options</c>, <c>constraint</c>,
/// <c>closure_total</c>, <c>closure_components</c>, <c>closure_blocks</c>, <c>no_finite_fit</c>, <c>checkpoint</c>.
/// </summary>
public static class McrAls
{
    // A lack of fit below rounding of D itself.
    private const double PerfectLofPercent = 1e-10;

    private const int MostBlocks = 1000;

    // Up to so many values the lack of fit against D itself is taken in each iteration also under compression.
    private const long ValuesTakenEachTime = 20_000_000;

    /// <summary>Resolves <paramref name="data"/> from a start under constraints.</summary>
    public static McrResult Resolve(
        DataMatrix data, McrStart start, McrOptions? options = null, IProgress<McrProgress>? progress = null, CancellationToken cancellation = default) =>
        Resolve(data, start, options, progress, null, cancellation);

    /// <summary>As <see cref="Resolve(DataMatrix, McrStart, McrOptions?, IProgress{McrProgress}?, CancellationToken)"/>, keeping checkpoints.</summary>
    public static McrResult Resolve(
        DataMatrix data, McrStart start, McrOptions? options, IProgress<McrProgress>? progress, McrCheckpoints? checkpoints, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(start);
        options ??= new McrOptions();
        var components = Components(start);
        var (rows, columns) = (Blocks(options.RowBlocks, data.Rows, "spectra"), Blocks(options.ColumnBlocks, data.Columns, "channels"));
        Check(data.Rows, data.Columns, components, options, rows, columns);
        CheckGiven(start, data.Rows, data.Columns);
        return new Iteration(data, components, options, rows, columns, progress, checkpoints, cancellation).Run(start);
    }

    /// <summary>Refuses what cannot be resolved, whatever the values of <paramref name="spectra"/> x <paramref name="channels"/> data are.</summary>
    public static void Check(int spectra, int channels, McrStart? start, int components, McrOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(spectra, channels, components, options, Blocks(options.RowBlocks, spectra, "spectra"), Blocks(options.ColumnBlocks, channels, "channels"));
        CheckGiven(start, spectra, channels);
    }

    private static void CheckGiven(McrStart? start, int spectra, int channels)
    {
        switch (start)
        {
            case McrStart.Spectra given:
                if (given.S.Columns != channels)
                    throw new NumericsException("matrix_shape", Text($"The given spectra have {given.S.Columns} channels where the data have {channels}."));
                RejectZero(given.S);
                break;
            case McrStart.Concentrations given:
                if (given.C.Rows != spectra)
                    throw new NumericsException("matrix_shape", Text($"The given concentrations are of {given.C.Rows} spectra where the data have {spectra}."));
                RejectZero(given.C.Transpose());
                break;
        }
    }

    private static void RejectZero(Matrix start)
    {
        for (var row = 0; row < start.Rows; row++)
            if (TensorPrimitives.SumOfSquares(start.Row(row)) == 0)
                throw new NumericsException("start_zero", Text($"Component {row} of the start is zero everywhere."));
    }

    internal static int Components(McrStart start) => start switch
    {
        McrStart.Spectra given => given.S.Rows,
        McrStart.Concentrations given => given.C.Columns,
        McrStart.OfSpectra chosen => chosen.Numbers.Count,
        McrStart.OfChannels chosen => chosen.Numbers.Count,
        _ => throw new NumericsException("options", "Unknown kind of start."),
    };

    private static Block[] Blocks(IReadOnlyList<int>? lengths, int length, string what)
    {
        if (lengths is null) return [new Block(0, length)];
        if (lengths.Count > MostBlocks) throw new NumericsException("options", Text($"At most {MostBlocks} blocks of {what} can be told apart."));
        if (lengths.Count == 0 || lengths.Any(count => count < 1) || lengths.Sum(count => (long)count) != length)
            throw new NumericsException("options", Text($"The blocks of {what} must be above zero and add up to {length}."));
        var first = 0;
        return [.. lengths.Select(count => new Block((first += count) - count, count))];
    }

    private static void Check(int spectra, int channels, int components, McrOptions options, Block[] rows, Block[] columns)
    {
        if (components < 1 || components > Math.Min(NonNegativeLeastSquares.MaxComponents, Math.Min(spectra, channels)))
            throw new NumericsException("component_count", Text(
                $"{components} components cannot be resolved from {spectra} x {channels} data (at most {NonNegativeLeastSquares.MaxComponents})."));
        if (options.Threads < 1) throw new NumericsException("options", "At least one thread is needed.");
        if ((options.ExactIterations ?? options.MaxIterations) < 1) throw new NumericsException("options", "At least one iteration is needed.");
        if (!(options.Tolerance >= 0)) throw new NumericsException("options", "The tolerance is a number not below zero.");
        if (options.DivergenceLimit < 1) throw new NumericsException("options", "The divergence limit is at least one iteration.");
        if (options.Compression is { } rank && (rank < components || rank > Math.Min(spectra, channels)))
            throw new NumericsException("options", Text($"A compression to {rank} principal components is not between {components} and {Math.Min(spectra, channels)}."));
        CheckWeights(options.SpectrumWeights, spectra, "spectra");
        CheckWeights(options.ChannelWeights, channels, "channels");
        if (options.Weights is { } weights)
        {
            if (options.SpectrumWeights is not null || options.ChannelWeights is not null)
                throw new NumericsException("options", "Weights are given for single values or for whole spectra and channels, not both.");
            if (weights.Rows != spectra || weights.Columns != channels)
                throw new NumericsException("matrix_shape", Text($"{weights.Rows} x {weights.Columns} weights do not fit {spectra} x {channels} data."));
            if (TensorPrimitives.Min(weights.Values) < 0) throw new NumericsException("options", "Weights are not below zero.");
        }
        if (options.Compression is not null && (options.Weights ?? (object?)options.SpectrumWeights ?? options.ChannelWeights) is not null)
            throw new NumericsException("options", "Weights need the data themselves, not a compression of them.");
        options.Closure?.Check(components, rows.Length);
        KnownProfile.Check(options.KnownC, components, spectra);
        KnownProfile.Check(options.KnownS, components, channels);
        foreach (var constraint in options.OnC) constraint.Check(components, rows);
        foreach (var constraint in options.OnS) constraint.Check(components, columns);
    }

    private static void CheckWeights(IReadOnlyList<double>? weights, int count, string what)
    {
        if (weights is not null && (weights.Count != count || weights.Any(weight => !(weight > 0) || !double.IsFinite(weight))))
            throw new NumericsException("options", Text($"{count} {what} need as many finite weights above zero."));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Iteration
    {
        private const int GoesOn = -1;
        private readonly DataMatrix data;
        private readonly int components, limit;
        private readonly McrOptions options;
        private readonly IProgress<McrProgress>? progress;
        private readonly McrCheckpoints? checkpoints;
        private readonly CancellationToken cancellation;
        private readonly AlternatingFit fit;
        private readonly double wholeSquares;
        private readonly List<double> fitted = [], history = [];
        private readonly List<IterationTime> times = [];
        private Iterate best, current;
        private double[] accepted = [];
        private double reach = 0.5, reachLimit = 1;
        private bool restarted;
        private Iterate? idle;
        private int bestIteration;
        private StopReason? ended;

        public Iteration(
            DataMatrix data, int components, McrOptions options, Block[] rows, Block[] columns, IProgress<McrProgress>? progress, McrCheckpoints? checkpoints,
            CancellationToken cancellation)
        {
            (this.data, this.components, this.options, this.progress) = (data, components, options, progress);
            (this.checkpoints, this.cancellation) = (checkpoints, cancellation);
            limit = options.ExactIterations ?? options.MaxIterations;
            var concentrations = new ProfileSide(
                components, data.Rows, rows, options.NonNegativeC, options.SignFreeC, options.KnownC, options.Regressor, options.Closure);
            var spectra = new ProfileSide(
                components, data.Columns, columns, options.NonNegativeS, options.SignFreeS, options.KnownS, options.Regressor, closure: null);
            wholeSquares = data.SumOfSquares(cancellation);
            if (wholeSquares == 0) throw new NumericsException("zero_data", "All values are zero.");
            if (options.Weights is { } weights) fit = new WeightedFit(data, weights, components, options, concentrations, spectra, cancellation);
            else if (options.Compression is { } rank)
            {
                var (scores, basis) = Compressed(rank);
                fit = new FusedFit(scores, basis, components, options, concentrations, spectra, cancellation);
            }
            else fit = new FusedFit(data, null, components, options, concentrations, spectra, cancellation);
            best = current = Fresh();
        }

        public McrResult Run(McrStart start)
        {
            var s = checkpoints?.Saved is { } saved ? Resume(saved) : Begin(start);
            if (ended is { } already) return Result(already);
            var (kept, begun, isKept) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), checkpoints?.Saved is not null);
            for (var iteration = fitted.Count + 1; ; iteration++)
            {
                cancellation.ThrowIfCancellationRequested();
                var (wall, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                Step(s);
                var reason = Record(iteration, Lof(fit.SquaresLeft(current.C, current.S, cancellation), fit.TotalSquares));
                times.Add(new IterationTime(Stopwatch.GetElapsedTime(wall).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds));
                if (reason is { } stop)
                {
                    // What follows a long fit may take long too, and is not to begin with the fit again.
                    if (checkpoints is not null && (isKept || Stopwatch.GetElapsedTime(begun) >= checkpoints.Interval)) checkpoints.Save(State(current.S, stop));
                    return Result(stop);
                }
                s = options.Accelerated ? CarriedOn(iteration) : current.S;
                // The best iterate keeps its memory; what is neither best nor needed for the next step is written over.
                current = ReferenceEquals(current, best) ? idle ?? Fresh() : current;
                if (ReferenceEquals(idle, current)) idle = null;
                if (checkpoints is not null && Stopwatch.GetElapsedTime(kept) >= checkpoints.Interval)
                {
                    checkpoints.Save(State(s, null));
                    (kept, isKept) = (Stopwatch.GetTimestamp(), true);
                }
            }
        }

        // The spectra of the next half step: on in the direction of the last improvement, or back at the best where the last step went too far.
        private double[] CarriedOn(int iteration)
        {
            const double grow = 1.05, growLimit = 1.01, shrink = 1.5;
            var improved = bestIteration == iteration;
            // From the best itself a constraint can lead to a worse iterate; then it goes on from there, as without acceleration.
            if (!improved && restarted)
            {
                restarted = false;
                return current.S;
            }
            restarted = !improved;
            if (improved) (reach, reachLimit) = (Math.Min(reachLimit, grow * reach), Math.Min(1, growLimit * reachLimit));
            else (reach, reachLimit) = (reach / shrink, reach);
            var next = (double[])best.S.Clone();
            if (improved && accepted.Length > 0)
            {
                TensorPrimitives.Subtract(next, accepted, accepted);
                TensorPrimitives.MultiplyAdd<double>(accepted, reach, next, next);
                fit.Spectra.Restore(next);
            }
            accepted = (double[])best.S.Clone();
            return next;
        }

        private void Step(double[] s)
        {
            var whole = options.OnC.Count > 0;
            current.Open = fit.FitConcentrations(s, current.C, final: !whole, cancellation);
            current.Findings = [];
            if (whole)
            {
                Constrain(options.OnC, current.C, fit.Concentrations);
                current.Open = fit.Concentrations.Restore(current.C);
            }
            fit.FitSpectra(current.C, current.S, cancellation);
            if (options.OnS.Count == 0) return;
            Constrain(options.OnS, current.S, fit.Spectra);
            fit.Spectra.Restore(current.S);
        }

        private void Constrain(IReadOnlyList<ProfileConstraint> constraints, double[] profiles, ProfileSide side)
        {
            foreach (var constraint in constraints)
                current.Findings = [.. current.Findings, .. constraint.Apply(profiles, side.Length, components, side.Blocks, cancellation)];
        }

        private double[] Begin(McrStart start)
        {
            switch (start)
            {
                case McrStart.Spectra given:
                    return given.S.Values.ToArray();
                case McrStart.Concentrations given:
                    return From(given.C);
                case McrStart.OfSpectra chosen:
                    return Rows(chosen.Numbers);
                case McrStart.OfChannels chosen:
                    return Columns(chosen.Numbers);
                default:
                    throw new NumericsException("options", "Unknown kind of start.");
            }
        }

        private double[] Rows(IReadOnlyList<int> numbers)
        {
            var rows = data.SelectRows(numbers).Values.ToArray();
            if (options.NonNegativeS) TensorPrimitives.Max(rows, 0, rows);
            return rows;
        }

        private double[] Columns(IReadOnlyList<int> numbers) => From(Matrix.FromRows([.. numbers.Select(number => data.Column(number, cancellation))]).Transpose());

        private double[] From(Matrix concentrations)
        {
            var turned = concentrations.Transpose();
            RejectZero(turned);
            var c = turned.Values.ToArray();
            if (options.NonNegativeC) TensorPrimitives.Max(c, 0, c);
            var s = Matrix.Allocate(components, data.Columns);
            fit.FitSpectra(c, s, cancellation);
            return s;
        }

        private Iterate Fresh() => new(Matrix.Allocate(components, data.Rows), Matrix.Allocate(components, data.Columns));

        private static double Lof(double squares, double total) => 100 * Math.Sqrt(Math.Max(squares, 0) / total);

        private StopReason? Record(int iteration, double lof)
        {
            var finite = double.IsFinite(lof);
            var before = bestIteration == 0 ? double.NaN : fitted[bestIteration - 1];
            if (finite)
            {
                fitted.Add(lof);
                history.Add(options.Compression is null ? lof : Whole(lof));
                if (bestIteration == 0 || lof < before)
                {
                    if (bestIteration > 0) idle = best;
                    (best, bestIteration) = (current, iteration);
                }
                progress?.Report(new McrProgress(iteration, limit, history[^1], history[bestIteration - 1]));
            }
            else if (bestIteration == 0) throw new NumericsException("no_finite_fit",
                "The first iteration already gave numbers beyond float64; scale the data.");
            if (!finite) return StopReason.Diverged;
            if (options.ExactIterations is not null) return iteration == limit ? StopReason.ExactIterations : null;
            if (lof <= PerfectLofPercent) return StopReason.PerfectFit;
            // Carried on too far, an iterate can be as good as the best by chance.
            if (Math.Abs(Math.Log(lof) - Math.Log(before)) < options.Tolerance && (!options.Accelerated || lof <= before)) return StopReason.Converged;
            if (iteration - bestIteration > options.DivergenceLimit) return StopReason.Diverged;
            return iteration == limit ? StopReason.MaxIterations : null;
        }

        // Against D itself: exactly where that is cheap, else as if the model lay within the principal components.
        private double Whole(double lof) => data.Count <= ValuesTakenEachTime
            ? WholeExactly(current)
            : Lof(wholeSquares - fit.TotalSquares + lof * lof / 1e4 * fit.TotalSquares, wholeSquares);

        private double WholeExactly(Iterate iterate) => Lof(
            ModelResidual.Squares(data, null, iterate.C, iterate.S, components, null, null, new RowRanges(data.Rows, data.Count, options.Threads), cancellation),
            wholeSquares);

        private (DataMatrix Scores, Matrix Basis) Compressed(int rank)
        {
            var found = PrincipalComponents.OfLarge(data, keep: rank, cancellation: cancellation);
            // Rows of a whole number of vectors; what is beyond the rank is zero.
            var wide = (rank + 7) / 8 * 8;
            var flat = Matrix.Allocate(data.Rows, wide);
            var spectrum = new double[data.Columns];
            for (var row = 0; row < data.Rows; row++)
            {
                if (row % 64 == 0) cancellation.ThrowIfCancellationRequested();
                data.CopyRows(row, 1, spectrum);
                for (var score = 0; score < rank; score++) flat[row * wide + score] = TensorPrimitives.Dot(found.Loadings.Row(score), spectrum);
            }
            return (new Matrix(data.Rows, wide, flat), found.Loadings);
        }

        private McrResult Result(StopReason reason)
        {
            if (options.Compression is not null && data.Count > ValuesTakenEachTime) history[bestIteration - 1] = WholeExactly(best);
            (current, idle) = (best, null);
            var c = new Matrix(components, data.Rows, best.C).Transpose();
            var s = new Matrix(components, data.Columns, best.S);
            var vanished = Enumerable.Range(0, components)
                .Where(index => TensorPrimitives.SumOfSquares(s.Row(index)) == 0
                    || TensorPrimitives.SumOfSquares<double>(best.C.AsSpan(index * data.Rows, data.Rows)) == 0).ToArray();
            return new McrResult(c, s, reason, history.Count, bestIteration, history, vanished, best.Open)
            {
                LofReproductionPercent = options.Compression is null ? null : fitted, Findings = best.Findings, IterationTimes = times,
            };
        }

        private byte[] State(double[] s, StopReason? end)
        {
            using var memory = new MemoryStream();
            using var writer = new BinaryWriter(memory);
            McrState.WriteHeader(writer, data.Rows, data.Columns, components);
            McrState.Write(writer, fitted);
            McrState.Write(writer, history);
            writer.Write(bestIteration);
            writer.Write(best.Open);
            writer.Write(best.Findings.Length);
            foreach (var finding in best.Findings)
            {
                writer.Write(finding.Name);
                writer.Write(finding.Value);
            }
            McrState.Write<double>(writer, best.C);
            McrState.Write<double>(writer, best.S);
            McrState.Write<double>(writer, s);
            writer.Write(reach);
            writer.Write(reachLimit);
            writer.Write(restarted);
            McrState.Write<double>(writer, options.Accelerated && accepted.Length == 0 ? new double[s.Length] : accepted);
            McrState.Write<uint>(writer, fit.Concentrations.Passive);
            McrState.Write<uint>(writer, fit.Spectra.Passive);
            writer.Write(end is { } reason ? (int)reason : GoesOn);
            writer.Flush();
            return memory.ToArray();
        }

        private double[] Resume(byte[] state)
        {
            using var reader = new BinaryReader(new MemoryStream(state, writable: false));
            try
            {
                McrState.CheckHeader(reader, data.Rows, data.Columns, components);
                best = Fresh();
                McrState.Read(reader, fitted, limit);
                McrState.Read(reader, history, limit);
                (bestIteration, best.Open) = (reader.ReadInt32(), reader.ReadInt32());
                var findings = new List<ConstraintFinding>();
                for (var left = reader.ReadInt32(); left > 0; left--) findings.Add(new ConstraintFinding(reader.ReadString(), reader.ReadDouble()));
                best.Findings = [.. findings];
                McrState.Read<double>(reader, best.C);
                McrState.Read<double>(reader, best.S);
                var s = Matrix.Allocate(components, data.Columns);
                McrState.Read<double>(reader, s);
                (reach, reachLimit, restarted) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean());
                accepted = options.Accelerated ? new double[s.Length] : [];
                McrState.Read<double>(reader, accepted);
                McrState.Read<uint>(reader, fit.Concentrations.Passive);
                McrState.Read<uint>(reader, fit.Spectra.Passive);
                if (reader.ReadInt32() is var end and not GoesOn) ended = Enum.IsDefined((StopReason)end) ? (StopReason)end : throw new EndOfStreamException();
                if (fitted.Count == 0 || fitted.Count != history.Count || bestIteration < 1 || bestIteration > fitted.Count || reader.BaseStream.Position != state.Length)
                    throw new EndOfStreamException();
                times.AddRange(Enumerable.Repeat(default(IterationTime), fitted.Count));
                checkpoints?.Resumed?.Invoke(fitted.Count);
                return s;
            }
            catch (IOException damaged)
            {
                throw new NumericsException("checkpoint", $"The checkpoint does not belong to this resolution or is damaged: {damaged.Message}");
            }
        }
    }

    /// <summary>C and S of one iteration, component after component, and what came with them.</summary>
    private sealed class Iterate(double[] c, double[] s)
    {
        public double[] C => c;
        public double[] S => s;
        public int Open { get; set; }
        public ConstraintFinding[] Findings { get; set; } = [];
    }
}
