using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>One reaction of first order: what component <paramref name="From"/> loses with the rate constant becomes component
/// <paramref name="To"/>, or leaves (null). The rate constant is in one over the unit of the times; fitted from its start value unless held.</summary>
public sealed record FirstOrderStep(int From, int? To, double RateConstant, bool Held = false);

/// <summary>
/// A hard model of the concentrations: chains and networks of first-order reactions, c' = K c, begun anew in each block (de Juan, Maeder, Martinez,
/// Tauler, Chemom. Intell. Lab. Syst. 54, 2000, 123). The rate constants are common to all blocks and fitted to the concentrations of the half step
/// by the method of Levenberg and Marquardt in their logarithms; each component keeps a scale of its own, because that of its spectrum is free.
/// <paramref name="Times"/>: one per spectrum, not falling within a block. <paramref name="Initial"/>: amounts at the first time of a block, one per
/// component (null: one of the first reaction's educt). Found: <c>k[step]</c> for every reaction and <c>misfit</c>, the part of the concentrations'
/// norm that the model leaves.
/// </summary>
public sealed record FirstOrderKinetics(IReadOnlyList<double> Times, IReadOnlyList<FirstOrderStep> Steps, IReadOnlyList<double>? Initial = null) : ProfileConstraint
{
    private const int MostRounds = 100, TimesBetweenLooks = 1024;

    /// <summary>Concentrations (spectra x components) that the start values of the rate constants give.</summary>
    public Matrix Model(int components)
    {
        Block[] all = [new Block(0, Times.Count)];
        Check(components, all);
        var profiles = new double[components * Times.Count];
        Fill(profiles, components, all, [.. Steps.Select(step => step.RateConstant)], CancellationToken.None);
        return new Matrix(components, Times.Count, profiles).Transpose();
    }

    internal override void Check(int components, IReadOnlyList<Block> blocks)
    {
        base.Check(components, blocks);
        if (Components is not null) throw Unfit($"holds for the components that its reactions name, and takes no others");
        var length = blocks[^1].First + blocks[^1].Count;
        if (Times.Count != length || Times.Any(time => !double.IsFinite(time))) throw Unfit($"needs {length} finite times");
        foreach (var block in Each(blocks))
            for (var index = block.First + 1; index < block.First + block.Count; index++)
                if (Times[index] < Times[index - 1]) throw Unfit($"has times that fall at spectrum {index}");
        if (Steps.Count is 0 or > 20) throw Unfit($"needs between 1 and 20 reactions");
        foreach (var step in Steps)
        {
            if (step.From < 0 || step.From >= components || step.To < 0 || step.To >= components || step.From == step.To)
                throw Unfit($"names components outside 0 to {components - 1}, or one twice in a reaction");
            if (!(step.RateConstant > 0) || !double.IsFinite(step.RateConstant)) throw Unfit($"has rate constants that are no finite numbers above zero");
        }
        if (Initial is { } initial && (initial.Count != components || initial.Any(value => !(value >= 0) || !double.IsFinite(value))))
            throw Unfit($"needs {components} initial amounts not below zero");
    }

    public override IReadOnlyList<ConstraintFinding> Apply(
        Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks, CancellationToken cancellation = default)
    {
        var within = Each(blocks).ToArray();
        var target = profiles.ToArray();
        int[] species = [.. Steps.SelectMany(step => step.To is { } to ? (int[])[step.From, to] : [step.From]).Distinct().Order()];
        int[] sought = [.. Enumerable.Range(0, Steps.Count).Where(index => !Steps[index].Held)];
        var rates = Steps.Select(step => step.RateConstant).ToArray();
        var model = new double[target.Length];

        var misfit = Misfit(rates, out var residual);
        var damping = 1e-3;
        for (var round = 0; round < MostRounds && sought.Length > 0 && misfit > 0; round++)
        {
            var jacobian = new double[sought.Length][];
            for (var index = 0; index < sought.Length; index++)
            {
                const double step = 1e-6;
                var moved = (double[])rates.Clone();
                moved[sought[index]] *= Math.Exp(step);
                Misfit(moved, out var shifted);
                TensorPrimitives.Subtract(shifted, residual, shifted);
                TensorPrimitives.Divide(shifted, step, shifted);
                jacobian[index] = shifted;
            }
            var (before, improved) = (misfit, false);
            while (damping < 1e12)
            {
                var trial = (double[])rates.Clone();
                var change = Step(jacobian, residual, damping);
                for (var index = 0; index < sought.Length; index++) trial[sought[index]] *= Math.Exp(Math.Clamp(change[index], -3, 3));
                var after = Misfit(trial, out var rest);
                if (after < misfit)
                {
                    (rates, residual, misfit, improved) = (trial, rest, after, true);
                    damping = Math.Max(damping / 10, 1e-12);
                    break;
                }
                damping *= 10;
            }
            if (!improved || before - misfit < 1e-14 * before) break;
        }

        Misfit(rates, out _);
        var whole = 0.0;
        foreach (var component in species)
            foreach (var block in within)
            {
                var at = component * length + block.First;
                whole += TensorPrimitives.SumOfSquares<double>(target.AsSpan(at, block.Count));
                model.AsSpan(at, block.Count).CopyTo(profiles[at..]);
            }
        List<ConstraintFinding> found = [.. rates.Select((rate, index) => new ConstraintFinding(string.Create(null, $"k[{index}]"), rate))];
        found.Add(new ConstraintFinding("misfit", whole == 0 ? 0 : Math.Sqrt(misfit / whole)));
        return found;

        // Leaves the scaled model in place and the difference in the residual.
        double Misfit(double[] trial, out double[] rest)
        {
            Fill(model, components, within, trial, cancellation);
            rest = new double[species.Length * length];
            for (var index = 0; index < species.Length; index++)
            {
                var at = species[index] * length;
                var own = rest.AsSpan(index * length, length);
                double product = 0, square = 0;
                foreach (var block in within)
                {
                    product += TensorPrimitives.Dot<double>(model.AsSpan(at + block.First, block.Count), target.AsSpan(at + block.First, block.Count));
                    square += TensorPrimitives.SumOfSquares<double>(model.AsSpan(at + block.First, block.Count));
                }
                var scale = square == 0 ? 0 : product / square;
                foreach (var block in within)
                {
                    var part = model.AsSpan(at + block.First, block.Count);
                    TensorPrimitives.Multiply<double>(part, scale, part);
                    TensorPrimitives.Subtract<double>(part, target.AsSpan(at + block.First, block.Count), own.Slice(block.First, block.Count));
                }
            }
            return TensorPrimitives.SumOfSquares<double>(rest);
        }
    }

    private static double[] Step(double[][] jacobian, double[] residual, double damping)
    {
        var size = jacobian.Length;
        var normal = new double[size * size];
        var right = new double[size];
        for (var a = 0; a < size; a++)
        {
            right[a] = -TensorPrimitives.Dot<double>(jacobian[a], residual);
            for (var b = 0; b < size; b++) normal[a * size + b] = TensorPrimitives.Dot<double>(jacobian[a], jacobian[b]);
        }
        for (var a = 0; a < size; a++) normal[a * size + a] = normal[a * size + a] * (1 + damping) + double.Epsilon;
        return LinearSystem.Solve(normal, right);
    }

    // c(t) by the matrix exponential over each step of time; equal steps share it.
    private void Fill(double[] profiles, int components, IReadOnlyList<Block> blocks, double[] rates, CancellationToken cancellation)
    {
        var generator = new double[components * components];
        for (var index = 0; index < Steps.Count; index++)
        {
            var (from, to) = (Steps[index].From, Steps[index].To);
            generator[from * components + from] -= rates[index];
            if (to is { } product) generator[product * components + from] += rates[index];
        }
        var length = Times.Count;
        Span<double> now = stackalloc double[components];
        Span<double> next = stackalloc double[components];
        var (lastStep, propagator) = (double.NaN, Array.Empty<double>());
        foreach (var block in blocks)
        {
            for (var component = 0; component < components; component++)
                now[component] = Initial?[component] ?? (component == Steps[0].From ? 1 : 0);
            for (var index = block.First; index < block.First + block.Count; index++)
            {
                if (index % TimesBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
                if (index > block.First && Times[index] - Times[index - 1] is var step and > 0)
                {
                    if (!(Math.Abs(step - lastStep) <= 1e-14 * step)) (lastStep, propagator) = (step, Exponential(generator, components, step));
                    for (var row = 0; row < components; row++)
                        next[row] = TensorPrimitives.Dot<double>(propagator.AsSpan(row * components, components), now);
                    next.CopyTo(now);
                }
                for (var component = 0; component < components; component++) profiles[component * length + index] = now[component];
            }
        }
    }

    // Scaling and squaring of the Taylor series.
    private static double[] Exponential(double[] generator, int size, double time)
    {
        var scaled = generator.Select(value => value * time).ToArray();
        var norm = 0.0;
        for (var row = 0; row < size; row++) norm = Math.Max(norm, TensorPrimitives.SumOfMagnitudes<double>(scaled.AsSpan(row * size, size)));
        var squarings = norm > 0.25 ? Math.Min(1000, (int)Math.Ceiling(Math.Log2(norm / 0.25))) : 0;
        TensorPrimitives.Multiply(scaled, Math.ScaleB(1, -squarings), scaled);
        var result = new double[size * size];
        var term = new double[size * size];
        for (var index = 0; index < size; index++) result[index * size + index] = term[index * size + index] = 1;
        for (var order = 1; order <= 16; order++)
        {
            term = Product(term, scaled, size);
            TensorPrimitives.Divide(term, order, term);
            TensorPrimitives.Add(result, term, result);
        }
        for (var index = 0; index < squarings; index++) result = Product(result, result, size);
        return result;
    }

    private static double[] Product(double[] left, double[] right, int size)
    {
        var product = new double[size * size];
        for (var row = 0; row < size; row++)
            for (var inner = 0; inner < size; inner++)
                TensorPrimitives.MultiplyAdd<double>(right.AsSpan(inner * size, size), left[row * size + inner], product.AsSpan(row * size, size), product.AsSpan(row * size, size));
        return product;
    }
}
