using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Smallest and largest signal contribution of every component over transformations T with unit diagonal, C T >= 0 and T^-1 S >= 0: an augmented
/// Lagrangian (Hestenes; Powell; Rockafellar, Math. Program. 5, 1973, 354) whose inner problems are minimised by BFGS with a weak Wolfe line search
/// (Lewis and Overton, Math. Program. 141, 2013, 135). The logarithm of the contribution is optimised, which is free of scale. Of long data only the
/// rows and channels that can bind are carried, chosen as extremes in many directions; every result is checked against all of them, and what it
/// breaks is taken in until it breaks nothing.
/// </summary>
internal sealed class TransformationSearch
{
    private const int AllUpTo = 200;
    private const int Directions = 40;
    private const int TakenInTogether = 40;
    private const int MostRounds = 25;
    private const int MostOuter = 40;
    private const int MostInner = 300;
    private const double ClosureFloor = 1e-3;
    private static readonly double[] FirstPenalties = [1e3, 3e4, 1e6];
    private readonly int components;
    private readonly AmbiguityOptions options;
    private readonly int[] free;
    private readonly double[] gramC, gramS;
    private readonly double total;

    // All constraint vectors, k values each: rows of C, columns of S, and last the scales of a closure.
    private readonly double[] vectorsC, vectorsS, scaleS;
    private readonly double slackC, slackS;
    private readonly bool closed;
    private readonly List<int> activeC, activeS;
    private readonly double[] heights;

    public TransformationSearch(Matrix c, Matrix s, double[] heights, AmbiguityOptions options)
    {
        (components, this.options, this.heights, closed) = (s.Rows, options, heights, options.Closure);
        var k = components;
        free = [.. Enumerable.Range(0, k * k).Where(at => at / k != at % k
            && !options.KnownSpectra.Contains(at / k) && !options.KnownConcentrations.Contains(at % k))];

        vectorsC = new double[c.Rows * k];
        for (var row = 0; row < c.Rows; row++)
            for (var a = 0; a < k; a++) vectorsC[row * k + a] = c[row, a] / heights[a];
        vectorsS = new double[(s.Columns + (closed ? 1 : 0)) * k];
        for (var channel = 0; channel < s.Columns; channel++)
            for (var a = 0; a < k; a++) vectorsS[channel * k + a] = s[a, channel] * heights[a];
        if (closed) heights.CopyTo(vectorsS.AsSpan(s.Columns * k));
        var peaks = Enumerable.Range(0, k).Select(a => Math.Abs(TensorPrimitives.MaxMagnitude(s.Row(a))) * heights[a]).ToArray();
        scaleS = [.. peaks.Select(peak => 1 / peak)];

        gramC = Gram(vectorsC, c.Rows);
        gramS = Gram(vectorsS, s.Columns);
        for (var a = 0; a < k; a++)
            for (var b = 0; b < k; b++) total += gramC[a * k + b] * gramS[a * k + b];

        if (options.NonNegativeC) slackC = Math.Max(0, -TensorPrimitives.Min<double>(vectorsC));
        if (options.NonNegativeS)
            for (var channel = 0; channel < s.Columns; channel++)
                for (var a = 0; a < k; a++) slackS = Math.Max(slackS, -vectorsS[channel * k + a] * scaleS[a]);
        activeC = options.NonNegativeC ? Candidates(vectorsC, c.Rows) : [];
        activeS = options.NonNegativeS ? Candidates(vectorsS, s.Columns) : [];
        if (closed) activeS.Add(s.Columns);
    }

    /// <summary>How far the solution itself is below zero, relative to the largest value of the profile.</summary>
    public double Slack => Math.Max(slackC, slackS);

    /// <summary>The contribution of a component in the solution as it is.</summary>
    public double Contribution(int component) =>
        Math.Sqrt(gramC[component * components + component] * gramS[component * components + component] / total);

    public double Contribution(ReadOnlySpan<double> transformation, ReadOnlySpan<double> inverse, int component)
    {
        double c = 0, s = 0;
        for (var a = 0; a < components; a++)
            for (var b = 0; b < components; b++)
            {
                c += transformation[a * components + component] * gramC[a * components + b] * transformation[b * components + component];
                s += inverse[component * components + a] * gramS[a * components + b] * inverse[component * components + b];
            }
        return Math.Sqrt(Math.Max(0, c) * Math.Max(0, s) / total);
    }

    /// <summary>The factor that closes the transformed concentrations of a component, where closure was asked for.</summary>
    public double? ClosureScale(ReadOnlySpan<double> inverse, int component)
    {
        if (!closed) return null;
        var scale = 0.0;
        for (var a = 0; a < components; a++) scale += inverse[component * components + a] * heights[a];
        return scale;
    }

    /// <summary>The most negative value of any transformed profile under a sign condition, relative to the largest of that profile.</summary>
    public double MostNegative(ReadOnlySpan<double> transformation, ReadOnlySpan<double> inverse)
    {
        var worst = 0.0;
        for (var b = 0; b < components; b++)
        {
            if (options.NonNegativeC) worst = Math.Min(worst, Lowest(vectorsC, vectorsC.Length / components, transformation, b, components));
            var channels = vectorsS.Length / components - (closed ? 1 : 0);
            if (options.NonNegativeS) worst = Math.Min(worst, Lowest(vectorsS, channels, inverse, b * components, 1));
        }
        return worst;

        double Lowest(double[] vectors, int count, ReadOnlySpan<double> weights, int first, int stride)
        {
            double low = 0, high = 0;
            for (var row = 0; row < count; row++)
            {
                var value = 0.0;
                for (var a = 0; a < components; a++) value += vectors[row * components + a] * weights[first + a * stride];
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
            return low < 0 ? Math.Max(-1, low / high) : 0;
        }
    }

    /// <summary>The transformations (k x k) of the lowest (2 a) and highest (2 a + 1) contribution of component a.</summary>
    public double[][] Run(CancellationToken cancellation)
    {
        var problems = 2 * components;
        var best = new double[problems][];
        for (var problem = 0; problem < problems; problem++)
        {
            best[problem] = new double[free.Length];
            Try(best, problem, new double[free.Length], cancellation);
        }
        // What is far for one component may be a better beginning for another.
        for (var problem = 0; problem < problems; problem++)
        {
            var beginnings = best.Where((_, other) => other != problem)
                .OrderBy(other => Objective(other, problem)).Take(2).Select(other => (double[])other.Clone()).ToArray();
            foreach (var beginning in beginnings) Try(best, problem, beginning, cancellation);
        }
        var noise = new SeededNoise(options.Seed);
        for (var problem = 0; problem < problems; problem++)
            for (var attempt = 0; attempt < options.Attempts; attempt++)
                Try(best, problem, [.. best[problem].Select(value => value * noise.Uniform() + 0.1 * noise.Normal())], cancellation);
        return [.. best.Select(Transformation)];
    }

    // A better feasible answer replaces the best one, unless the names of two components were exchanged on the way.
    private void Try(double[][] best, int problem, double[] beginning, CancellationToken cancellation)
    {
        // Under a low penalty a search is quick but may leave the neighbourhood of the solution for good; then it is begun again under a higher one.
        var x = beginning;
        foreach (var penalty in FirstPenalties)
        {
            x = beginning;
            for (var round = 0; round < MostRounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                x = new Lagrangian(this, problem, penalty).Minimise(x);
                if (!TakeInBroken(x)) break;
            }
            if (Allowed(x) && !Exchanged(x)) break;
        }
        if (Allowed(x) && Objective(x, problem) < Objective(best[problem], problem) && !Exchanged(x)) best[problem] = x;
    }

    private bool Exchanged(double[] x)
    {
        var transformation = Transformation(x);
        var inverse = new double[transformation.Length];
        if (!SmallInverse.TryInvert(transformation, components, inverse)) return true;
        var likeness = new double[components * components];
        for (var was = 0; was < components; was++)
            for (var now = 0; now < components; now++)
            {
                double c = 0, ownC = 0, s = 0, ownS = 0;
                for (var a = 0; a < components; a++)
                {
                    c += gramC[was * components + a] * transformation[a * components + now];
                    s += gramS[was * components + a] * inverse[now * components + a];
                    for (var b = 0; b < components; b++)
                    {
                        ownC += transformation[a * components + now] * gramC[a * components + b] * transformation[b * components + now];
                        ownS += inverse[now * components + a] * gramS[a * components + b] * inverse[now * components + b];
                    }
                }
                likeness[was * components + now] = Math.Abs(c) / Math.Sqrt(Math.Max(1e-300, ownC * gramC[was * components + was]))
                    + Math.Abs(s) / Math.Sqrt(Math.Max(1e-300, ownS * gramS[was * components + was]));
            }
        var partners = ComponentMatching.Assign(new Matrix(components, components, likeness));
        return partners.Where((now, was) => now != was).Any();
    }

    private double Objective(double[] x, int problem)
    {
        var transformation = Transformation(x);
        var inverse = new double[transformation.Length];
        if (!SmallInverse.TryInvert(transformation, components, inverse)) return double.PositiveInfinity;
        var contribution = Contribution(transformation, inverse, problem / 2);
        return problem % 2 == 0 ? contribution : -contribution;
    }

    private bool Allowed(double[] x)
    {
        var transformation = Transformation(x);
        var inverse = new double[transformation.Length];
        return SmallInverse.TryInvert(transformation, components, inverse)
            && MostNegative(transformation, inverse) >= -Math.Max(options.Tolerance, Slack * (1 + options.Tolerance))
            && (!closed || Enumerable.Range(0, components).All(a => ClosureScale(inverse, a) >= 0.5 * ClosureFloor * heights[a]));
    }

    private double[] Transformation(double[] x)
    {
        var transformation = new double[components * components];
        for (var a = 0; a < components; a++) transformation[a * components + a] = 1;
        for (var index = 0; index < free.Length; index++) transformation[free[index]] = x[index];
        return transformation;
    }

    private bool TakeInBroken(double[] x)
    {
        var transformation = Transformation(x);
        var inverse = new double[transformation.Length];
        if (!SmallInverse.TryInvert(transformation, components, inverse)) return false;
        var channels = vectorsS.Length / components - (closed ? 1 : 0);
        var c = options.NonNegativeC && activeC.Count < vectorsC.Length / components
            && TakeIn(activeC, vectorsC, vectorsC.Length / components, slackC, (row, b) =>
            {
                var value = 0.0;
                for (var a = 0; a < components; a++) value += vectorsC[row * components + a] * transformation[a * components + b];
                return value;
            });
        var s = options.NonNegativeS && activeS.Count < vectorsS.Length / components
            && TakeIn(activeS, vectorsS, channels, slackS, (channel, a) =>
            {
                var value = 0.0;
                for (var b = 0; b < components; b++) value += inverse[a * components + b] * vectorsS[channel * components + b];
                return value * scaleS[a];
            });
        return c || s;
    }

    private bool TakeIn(List<int> active, double[] vectors, int count, double slack, Func<int, int, double> value)
    {
        var known = active.ToHashSet();
        var broken = new List<(double Value, int Row)>();
        for (var row = 0; row < count; row++)
        {
            if (known.Contains(row)) continue;
            var lowest = double.PositiveInfinity;
            for (var component = 0; component < components; component++) lowest = Math.Min(lowest, value(row, component));
            if (lowest < -slack - 0.5 * options.Tolerance) broken.Add((lowest, row));
        }
        broken.Sort();
        active.AddRange(broken.Take(TakenInTogether).Select(item => item.Row));
        return broken.Count > 0;
    }

    private double[] Gram(double[] vectors, int count)
    {
        var gram = new double[components * components];
        for (var row = 0; row < count; row++)
            for (var a = 0; a < components; a++)
                for (var b = 0; b < components; b++) gram[a * components + b] += vectors[row * components + a] * vectors[row * components + b];
        return gram;
    }

    // Rows that are extreme in some direction among all rows scaled to the sum one: near the hull of the cone they span.
    private List<int> Candidates(double[] vectors, int count)
    {
        if (count <= AllUpTo) return [.. Enumerable.Range(0, count)];
        var noise = new SeededNoise(options.Seed);
        var chosen = new SortedSet<int>();
        var direction = new double[components];
        for (var attempt = 0; attempt < 2 * components + Directions * components; attempt++)
        {
            for (var a = 0; a < components; a++)
                direction[a] = attempt < 2 * components ? (attempt / 2 == a ? 1 - 2 * (attempt % 2) : 0) : noise.Normal();
            var (best, highest) = (-1, double.NegativeInfinity);
            for (var row = 0; row < count; row++)
            {
                double along = 0, sum = 0;
                for (var a = 0; a < components; a++)
                {
                    along += vectors[row * components + a] * direction[a];
                    sum += Math.Abs(vectors[row * components + a]);
                }
                if (sum > 0 && along / sum > highest) (best, highest) = (row, along / sum);
            }
            if (best >= 0) chosen.Add(best);
        }
        return [.. chosen];
    }

    /// <summary>One problem: component problem / 2, lowest for even numbers, highest for odd ones.</summary>
    private sealed class Lagrangian
    {
        private const double LongestStep = 0.25;
        private const double Bound = 8;
        private const double FarOff = 1e-3;
        private const double Settled = 1e-6;
        private const int Patience = 10;
        private const double MostPenalty = 1e9;
        private readonly TransformationSearch search;
        private readonly int k, component;
        private readonly double sign;
        // Constraint vectors component after component, so that all values under one profile are made together.
        private readonly double[] sidesC, sidesS, floorsS, multipliersC, multipliersS, values;
        private readonly double[] transformation, inverse, slopeT, slopeU, middle;
        private readonly int countC, countS;
        private double penalty;

        public Lagrangian(TransformationSearch search, int problem, double firstPenalty)
        {
            this.search = search;
            penalty = firstPenalty;
            (k, component, sign) = (search.components, problem / 2, problem % 2 == 0 ? 1 : -1);
            (countC, countS) = (search.activeC.Count, search.activeS.Count);
            sidesC = Gather(search.vectorsC, search.activeC);
            sidesS = Gather(search.vectorsS, search.activeS);
            var closing = search.closed ? search.vectorsS.Length / k - 1 : -1;
            floorsS = new double[sidesS.Length];
            for (var a = 0; a < k; a++)
                for (var at = 0; at < countS; at++)
                    floorsS[a * countS + at] = search.activeS[at] == closing ? ClosureFloor * search.heights[a] * search.scaleS[a] : -search.slackS;
            multipliersC = new double[sidesC.Length];
            multipliersS = new double[sidesS.Length];
            values = new double[Math.Max(countC, countS)];
            transformation = new double[k * k];
            inverse = new double[k * k];
            slopeT = new double[k * k];
            slopeU = new double[k * k];
            middle = new double[k * k];
        }

        private double[] Gather(double[] vectors, List<int> active)
        {
            var gathered = new double[active.Count * k];
            for (var index = 0; index < active.Count; index++)
                for (var a = 0; a < k; a++) gathered[a * active.Count + index] = vectors[active[index] * k + a];
            return gathered;
        }

        public double[] Minimise(double[] beginning)
        {
            var x = beginning;
            if (x.Length == 0) return x;
            var (before, value) = (double.PositiveInfinity, double.NaN);
            var goal = 0.3 * search.options.Tolerance;
            for (var outer = 0; outer < MostOuter; outer++)
            {
                x = Descend(x);
                var broken = UpdateMultipliers(x);
                var reached = search.Contribution(transformation, inverse, component);
                if (broken <= goal && Math.Abs(reached - value) <= Settled) break;
                value = reached;
                if (outer >= Patience && broken > FarOff) break;
                if (broken > 0.25 * before && broken > goal) penalty = Math.Min(MostPenalty, 4 * penalty);
                before = broken;
            }
            return x;
        }

        private double UpdateMultipliers(double[] x)
        {
            if (!Place(x)) return double.PositiveInfinity;
            var broken = 0.0;
            for (var profile = 0; profile < k; profile++)
            {
                var c = ValuesC(profile);
                if (countC > 0) broken = Math.Max(broken, -TensorPrimitives.Min<double>(c));
                Pull(multipliersC.AsSpan(profile * countC, countC), c).CopyTo(multipliersC.AsSpan(profile * countC));
                var s = ValuesS(profile);
                if (countS > 0) broken = Math.Max(broken, -TensorPrimitives.Min<double>(s));
                Pull(multipliersS.AsSpan(profile * countS, countS), s).CopyTo(multipliersS.AsSpan(profile * countS));
            }
            return broken;
        }

        private bool Place(double[] x)
        {
            Array.Clear(transformation);
            for (var a = 0; a < k; a++) transformation[a * k + a] = 1;
            for (var index = 0; index < x.Length; index++) transformation[search.free[index]] = x[index];
            // Beyond a singular transformation, or where the unit diagonal loses its meaning, lie solutions under exchanged names.
            return SmallInverse.TryInvert(transformation, k, inverse, out var determinant) && determinant > 0
                && Math.Abs(TensorPrimitives.MaxMagnitude<double>(x)) <= Bound;
        }

        private Span<double> ValuesC(int b)
        {
            var target = values.AsSpan(0, countC);
            target.Fill(search.slackC);
            for (var a = 0; a < k; a++)
                TensorPrimitives.MultiplyAdd(sidesC.AsSpan(a * countC, countC), transformation[a * k + b], target, target);
            return target;
        }

        private Span<double> ValuesS(int a)
        {
            var target = values.AsSpan(0, countS);
            TensorPrimitives.Negate(floorsS.AsSpan(a * countS, countS), target);
            for (var b = 0; b < k; b++)
                TensorPrimitives.MultiplyAdd(sidesS.AsSpan(b * countS, countS), inverse[a * k + b] * search.scaleS[a], target, target);
            return target;
        }

        // The multipliers as the constraint values would have them: max(0, multiplier - penalty value), in place of the values.
        private Span<double> Pull(ReadOnlySpan<double> multipliers, Span<double> constraint)
        {
            TensorPrimitives.MultiplyAdd(constraint, -penalty, multipliers, constraint);
            TensorPrimitives.Max(constraint, 0, constraint);
            return constraint;
        }

        private double Evaluate(double[] x, double[] gradient)
        {
            if (!Place(x)) return double.PositiveInfinity;
            Array.Clear(slopeT);
            Array.Clear(slopeU);
            double squareC = 0, squareS = 0;
            for (var a = 0; a < k; a++)
            {
                double alongC = 0, alongS = 0;
                for (var b = 0; b < k; b++)
                {
                    alongC += search.gramC[a * k + b] * transformation[b * k + component];
                    alongS += search.gramS[a * k + b] * inverse[component * k + b];
                }
                squareC += transformation[a * k + component] * alongC;
                squareS += inverse[component * k + a] * alongS;
                slopeT[a * k + component] = alongC;
                slopeU[component * k + a] = alongS;
            }
            if (!(squareC > 0) || !(squareS > 0)) return double.PositiveInfinity;
            for (var a = 0; a < k; a++)
            {
                slopeT[a * k + component] *= sign / squareC;
                slopeU[component * k + a] *= sign / squareS;
            }
            var value = 0.5 * sign * (Math.Log(squareC) + Math.Log(squareS));

            for (var profile = 0; profile < k; profile++)
            {
                ReadOnlySpan<double> pull = Pull(multipliersC.AsSpan(profile * countC, countC), ValuesC(profile));
                value += 0.5 / penalty * TensorPrimitives.SumOfSquares(pull);
                for (var a = 0; a < k; a++)
                    slopeT[a * k + profile] -= TensorPrimitives.Dot(pull, sidesC.AsSpan(a * countC, countC));
                pull = Pull(multipliersS.AsSpan(profile * countS, countS), ValuesS(profile));
                value += 0.5 / penalty * TensorPrimitives.SumOfSquares(pull);
                for (var b = 0; b < k; b++)
                    slopeU[profile * k + b] -= search.scaleS[profile] * TensorPrimitives.Dot(pull, sidesS.AsSpan(b * countS, countS));
            }

            // U = T^-1: a slope along U is one of -U' slope U' along T.
            for (var a = 0; a < k; a++)
                for (var b = 0; b < k; b++)
                {
                    var sum = 0.0;
                    for (var inner = 0; inner < k; inner++) sum += slopeU[a * k + inner] * inverse[b * k + inner];
                    middle[a * k + b] = sum;
                }
            for (var index = 0; index < x.Length; index++)
            {
                var (a, b) = (search.free[index] / k, search.free[index] % k);
                var sum = slopeT[a * k + b];
                for (var inner = 0; inner < k; inner++) sum -= inverse[inner * k + a] * middle[inner * k + b];
                gradient[index] = sum;
            }
            return value;
        }

        private double[] Descend(double[] beginning)
        {
            var size = beginning.Length;
            var x = (double[])beginning.Clone();
            var (gradient, newGradient, direction) = (new double[size], new double[size], new double[size]);
            var (step, change, image, trial) = (new double[size], new double[size], new double[size], new double[size]);
            var hessian = new double[size * size];
            var value = Evaluate(x, gradient);
            if (double.IsInfinity(value)) return x;
            var fresh = true;
            Reset();
            for (var iteration = 0; iteration < MostInner; iteration++)
            {
                var steepness = TensorPrimitives.Norm<double>(gradient);
                if (steepness < 1e-8) break;
                for (var row = 0; row < size; row++)
                    direction[row] = -TensorPrimitives.Dot<double>(hessian.AsSpan(row * size, size), gradient);
                var slope = TensorPrimitives.Dot<double>(direction, gradient);
                if (slope >= 0)
                {
                    if (fresh) break;
                    Reset();
                    continue;
                }
                var newValue = Search(x, value, direction, slope, trial, newGradient);
                if (newValue >= value)
                {
                    if (fresh) break;
                    Reset();
                    continue;
                }
                TensorPrimitives.Subtract<double>(trial, x, step);
                TensorPrimitives.Subtract<double>(newGradient, gradient, change);
                var gain = value - newValue;
                trial.CopyTo(x, 0);
                newGradient.CopyTo(gradient, 0);
                value = newValue;
                Update();
                if (gain < 1e-13 * (1 + Math.Abs(value))) break;
            }
            return x;

            void Reset()
            {
                Array.Clear(hessian);
                var length = Math.Min(1, 0.1 / Math.Max(1e-300, TensorPrimitives.Norm<double>(gradient)));
                for (var index = 0; index < size; index++) hessian[index * size + index] = length;
                fresh = true;
            }

            // The inverse Hessian after Broyden, Fletcher, Goldfarb and Shanno.
            void Update()
            {
                var curvature = TensorPrimitives.Dot<double>(step, change);
                if (!(curvature > 1e-14 * TensorPrimitives.Norm<double>(step) * TensorPrimitives.Norm<double>(change))) return;
                if (fresh)
                {
                    var length = curvature / TensorPrimitives.SumOfSquares<double>(change);
                    for (var index = 0; index < size; index++) hessian[index * size + index] = length;
                    fresh = false;
                }
                for (var row = 0; row < size; row++) image[row] = TensorPrimitives.Dot<double>(hessian.AsSpan(row * size, size), change);
                var factor = (1 + TensorPrimitives.Dot<double>(change, image) / curvature) / curvature;
                for (var row = 0; row < size; row++)
                    for (var column = 0; column < size; column++)
                        hessian[row * size + column] += factor * step[row] * step[column]
                            - (image[row] * step[column] + step[row] * image[column]) / curvature;
            }
        }

        private double Search(double[] x, double value, double[] direction, double slope, double[] trial, double[] gradient)
        {
            var longest = LongestStep / TensorPrimitives.Norm<double>(direction);
            double low = 0, high = double.PositiveInfinity, length = Math.Min(1, longest);
            var reached = value;
            for (var attempt = 0; attempt < 50; attempt++)
            {
                TensorPrimitives.MultiplyAdd(direction, length, x, trial);
                reached = Evaluate(trial, gradient);
                if (!(reached <= value + 1e-4 * length * slope)) high = length;
                else if (TensorPrimitives.Dot<double>(gradient, direction) < 0.9 * slope) low = length;
                else return reached;
                if (low >= longest) return reached;
                length = double.IsInfinity(high) ? Math.Min(2 * low, longest) : (low + high) / 2;
                if (length < 1e-14) break;
            }
            if (low > 0)
            {
                TensorPrimitives.MultiplyAdd(direction, low, x, trial);
                reached = Evaluate(trial, gradient);
            }
            return double.IsNaN(reached) ? double.PositiveInfinity : reached;
        }
    }
}
