using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>One set of references (k x m) on an axis, prepared to fit many spectra; not for two threads at once. Errors are those of
/// <see cref="LinearCombination"/>.</summary>
public sealed class LinearCombinationFitting
{
    private const int Grid = 9;
    private const int MostSweeps = 20;
    private readonly LinearCombinationOptions options;
    private readonly int count, channels;
    private readonly double[] axis;
    private readonly double[][] references;

    // Orthonormal over the channels: one, and the axis about its middle.
    private readonly List<double[]> background = [];
    private readonly double middle, span;
    private readonly NonNegativeLeastSquares solver;

    public LinearCombinationFitting(Matrix references, IReadOnlyList<double> axis, LinearCombinationOptions options)
    {
        ArgumentNullException.ThrowIfNull(references);
        ArgumentNullException.ThrowIfNull(axis);
        ArgumentNullException.ThrowIfNull(options);
        (this.options, count, channels, this.axis) = (options, references.Rows, references.Columns, [.. axis]);
        if (axis.Count != channels)
            throw new NumericsException("matrix_shape", Text($"An axis of {axis.Count} values for {channels} channels."));
        if (!(options.MostShift >= 0) || !(options.SumWeight >= 0) || options.NoiseLevel <= 0)
            throw new NumericsException("lcf_options", "Shift and weight of the sum are not below zero, a noise level is above.");
        if (options.MostShift > 0 && !Rises(this.axis))
            throw new NumericsException("lcf_options", "References can only be moved along an axis that rises from channel to channel.");
        var parameters = count + options.Background switch { FitBackground.None => 0, FitBackground.Constant => 1, FitBackground.Linear => 2 };
        if (count > NonNegativeLeastSquares.MaxComponents || parameters >= channels)
            throw new NumericsException("lcf_references", Text($"{parameters} parameters cannot be fitted to {channels} channels."));
        this.references = [.. Enumerable.Range(0, count).Select(row => references.Row(row).ToArray())];
        solver = new NonNegativeLeastSquares(count);

        middle = this.axis.Average();
        if (options.Background != FitBackground.None) background.Add(Filled(1 / Math.Sqrt(channels)));
        if (options.Background == FitBackground.Linear)
        {
            var line = this.axis.Select(value => value - middle).ToArray();
            span = TensorPrimitives.Norm<double>(line);
            if (!(span > 0)) throw new NumericsException("lcf_options", "A linear background needs an axis that varies.");
            TensorPrimitives.Divide(line, span, line);
            background.Add(line);
        }
    }

    /// <summary>Fits one spectrum (m values). One that is zero everywhere holds nothing of any reference, even where the weights are to have the sum one.</summary>
    public LinearCombinationFit Fit(ReadOnlySpan<double> spectrum)
    {
        if (spectrum.Length != channels) throw new NumericsException("matrix_shape", Text($"A spectrum of {spectrum.Length} channels and references of {channels}."));
        if (TensorPrimitives.SumOfSquares(spectrum) == 0)
            return new LinearCombinationFit(new double[count], new double[count], new double[count], new double[background.Count], new double[channels], 0, 0, 0, 0);
        var full = spectrum.ToArray();
        var y = Projected(full);
        var shifts = new double[count];
        var moved = references.Select(reference => (double[])reference.Clone()).ToArray();
        var projected = moved.Select(Projected).ToArray();
        var weights = Solve(y, projected);
        if (options.MostShift > 0) weights = Shift(y, shifts, moved, projected, weights);
        return Report(full, weights, shifts, moved);
    }

    private double[] Shift(double[] y, double[] shifts, double[][] moved, double[][] projected, double[] weights)
    {
        var misfit = Misfit(y, projected, weights);
        for (var sweep = 0; sweep < MostSweeps; sweep++)
        {
            var before = misfit;
            for (var reference = 0; reference < count; reference++)
            {
                var own = projected[reference];
                var best = Best(shift =>
                {
                    projected[reference] = Projected(Moved(references[reference], shift));
                    return Misfit(y, projected, Solve(y, projected));
                });
                projected[reference] = own;
                if (best.Misfit >= misfit) continue;
                (shifts[reference], misfit) = (best.Shift, best.Misfit);
                moved[reference] = Moved(references[reference], best.Shift);
                projected[reference] = Projected(moved[reference]);
            }
            weights = Solve(y, projected);
            if (before - misfit <= 1e-10 * before) break;
        }
        return weights;
    }

    // A coarse grid over the bounds, then the golden section around its best point.
    private (double Shift, double Misfit) Best(Func<double, double> misfit)
    {
        var golden = (Math.Sqrt(5) - 1) / 2;
        var spacing = 2 * options.MostShift / (Grid - 1);
        var start = Enumerable.Range(0, Grid).Select(index => -options.MostShift + index * spacing)
            .Select(shift => (Shift: shift, Misfit: misfit(shift))).MinBy(tried => tried.Misfit);
        var low = Math.Max(-options.MostShift, start.Shift - spacing);
        var high = Math.Min(options.MostShift, start.Shift + spacing);
        var (left, right) = (high - golden * (high - low), low + golden * (high - low));
        var (atLeft, atRight) = (misfit(left), misfit(right));
        while (high - low > 1e-6 * options.MostShift)
        {
            if (atLeft <= atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - golden * (high - low);
                atLeft = misfit(left);
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + golden * (high - low);
                atRight = misfit(right);
            }
        }
        var found = atLeft <= atRight ? (Shift: left, Misfit: atLeft) : (Shift: right, Misfit: atRight);
        return found.Misfit <= start.Misfit ? found : start;
    }

    private double[] Solve(double[] y, double[][] design)
    {
        var gram = new double[count * count];
        var right = new double[count];
        var weights = new double[count];
        if (options.SumToOne)
        {
            // With weights of sum one the misfit is a combination of the differences alone; its least point has the direction found here.
            var differences = design.Select(reference =>
            {
                var rest = new double[channels];
                TensorPrimitives.Subtract<double>(y, reference, rest);
                return rest;
            }).ToArray();
            Products(differences, gram);
            var largest = Enumerable.Range(0, count).Max(index => gram[index * count + index]);
            for (var index = 0; index < gram.Length; index++) gram[index] = 1 + (largest > 0 ? gram[index] / largest : 0);
            Array.Fill(right, 1);
        }
        else
        {
            Products(design, gram);
            for (var index = 0; index < count; index++) right[index] = TensorPrimitives.Dot<double>(design[index], y);
            var pull = options.SumWeight * options.SumWeight * TensorPrimitives.SumOfSquares<double>(y);
            for (var index = 0; index < gram.Length; index++) gram[index] += pull;
            for (var index = 0; index < count; index++) right[index] += pull;
        }
        solver.SetGram(gram);
        if (options.NonNegative) solver.Solve(right, 1, weights, 1, solver.FirstGuess(1), 1);
        else solver.SolveUnconstrained(right, 1, weights, 1, 1);
        if (options.SumToOne)
        {
            var sum = TensorPrimitives.Sum<double>(weights);
            if (!(Math.Abs(sum) > 1e-12)) throw new NumericsException("lcf_references", "No combination of these references has the sum one.");
            TensorPrimitives.Divide(weights, sum, weights);
        }
        return weights;
    }

    private LinearCombinationFit Report(double[] y, double[] weights, double[] shifts, double[][] moved)
    {
        var fitted = new double[channels];
        for (var reference = 0; reference < count; reference++)
            TensorPrimitives.MultiplyAdd(moved[reference], weights[reference], fitted, fitted);
        var rest = new double[channels];
        TensorPrimitives.Subtract<double>(y, fitted, rest);
        var coefficients = new double[background.Count];
        for (var index = 0; index < background.Count; index++)
        {
            var along = TensorPrimitives.Dot<double>(background[index], rest);
            coefficients[index] = index == 0 ? along / Math.Sqrt(channels) : along / span;
            TensorPrimitives.MultiplyAdd(background[index], along, fitted, fitted);
            TensorPrimitives.MultiplyAdd(background[index], -along, rest, rest);
        }
        var squares = TensorPrimitives.SumOfSquares<double>(rest);
        var used = Enumerable.Range(0, count).Where(index => !options.NonNegative || weights[index] > 0).ToArray();
        var parameters = used.Length - (options.SumToOne ? 1 : 0) + background.Count + (options.MostShift > 0 ? used.Length : 0);
        var freedom = Math.Max(1, channels - parameters);
        var variance = squares / freedom;
        var noise = options.NoiseLevel ?? 1;
        return new LinearCombinationFit(
            weights, Errors(moved, used, variance), shifts, coefficients, fitted, squares, squares / TensorPrimitives.SumOfSquares<double>(y),
            variance / (noise * noise), parameters);
    }

    // With the sum held at one, the covariance loses its part along (1, ..., 1).
    private double[] Errors(double[][] moved, int[] used, double variance)
    {
        var errors = new double[count];
        var size = used.Length;
        if (size == 0) return errors;
        var design = used.Select(index => Projected(moved[index])).ToArray();
        var gram = new double[size * size];
        Products(design, gram);
        var inverse = new double[size * size];
        if (!SmallInverse.TryInvert(gram, size, inverse))
        {
            foreach (var index in used) errors[index] = double.PositiveInfinity;
            return errors;
        }
        var sums = Enumerable.Range(0, size).Select(row => TensorPrimitives.Sum<double>(inverse.AsSpan(row * size, size))).ToArray();
        var whole = sums.Sum();
        for (var row = 0; row < size; row++)
        {
            var own = inverse[row * size + row] - (options.SumToOne ? sums[row] * sums[row] / whole : 0);
            errors[used[row]] = Math.Sqrt(Math.Max(0, variance * own));
        }
        return errors;
    }

    private static void Products(double[][] vectors, double[] gram)
    {
        for (var a = 0; a < vectors.Length; a++)
            for (var b = 0; b <= a; b++)
                gram[a * vectors.Length + b] = gram[b * vectors.Length + a] = TensorPrimitives.Dot<double>(vectors[a], vectors[b]);
    }

    private static double Misfit(double[] y, double[][] design, double[] weights)
    {
        var rest = (double[])y.Clone();
        for (var index = 0; index < design.Length; index++) TensorPrimitives.MultiplyAdd(design[index], -weights[index], rest, rest);
        return TensorPrimitives.SumOfSquares<double>(rest);
    }

    private double[] Projected(double[] values)
    {
        var rest = (double[])values.Clone();
        foreach (var direction in background)
            TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot<double>(direction, rest), rest, rest);
        return rest;
    }

    // reference(axis - shift) by cubic Hermite pieces with the slopes of the parabola through three neighbours; constant beyond the ends.
    private double[] Moved(double[] reference, double shift)
    {
        var moved = new double[channels];
        for (int channel = 0, piece = 0; channel < channels; channel++)
        {
            var at = axis[channel] - shift;
            if (at <= axis[0] || at >= axis[^1])
            {
                moved[channel] = at <= axis[0] ? reference[0] : reference[^1];
                continue;
            }
            while (axis[piece + 1] < at) piece++;
            var width = axis[piece + 1] - axis[piece];
            var t = (at - axis[piece]) / width;
            moved[channel] = (1 + 2 * t) * (1 - t) * (1 - t) * reference[piece] + t * (1 - t) * (1 - t) * width * Slope(reference, piece)
                + t * t * (3 - 2 * t) * reference[piece + 1] + t * t * (t - 1) * width * Slope(reference, piece + 1);
        }
        return moved;
    }

    private double Slope(double[] values, int at)
    {
        if (at == 0) return (values[1] - values[0]) / (axis[1] - axis[0]);
        if (at == channels - 1) return (values[at] - values[at - 1]) / (axis[at] - axis[at - 1]);
        var (before, after) = (axis[at] - axis[at - 1], axis[at + 1] - axis[at]);
        return ((values[at] - values[at - 1]) / before * after + (values[at + 1] - values[at]) / after * before) / (before + after);
    }

    private double[] Filled(double value)
    {
        var filled = new double[channels];
        Array.Fill(filled, value);
        return filled;
    }

    private static bool Rises(double[] values)
    {
        for (var index = 1; index < values.Length; index++)
            if (!(values[index] > values[index - 1])) return false;
        return true;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
