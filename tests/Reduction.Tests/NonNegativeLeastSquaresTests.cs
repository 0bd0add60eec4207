using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class Non_negative_least_squares
{
    [Fact]
    public void U1_Solves_the_known_small_problem()
    {
        var x = NonNegativeLeastSquares.Solve(
            new Matrix(4, 3, [1, .2, 0, 0, 1, .4, 1, 0, 1, .2, .1, .8]), new Matrix(4, 1, [.1, 1, .4, .2]));
        Assert.Equal(0, x[0, 0]);
        Assert.Equal(0.8503253796, x[1, 0], 1e-9);
        Assert.Equal(0.3065798988, x[2, 0], 1e-9);
    }

    [Fact]
    public void Satisfies_the_optimality_conditions_and_agrees_with_the_search_of_all_passive_sets() =>
        Prop.ForAll(Problems(), problem =>
        {
            var x = NonNegativeLeastSquares.Solve(problem.A, problem.B);
            for (var column = 0; column < problem.B.Columns; column++)
            {
                var b = problem.B.Column(column);
                var answer = x.Column(column);
                Assert.All(answer, value => Assert.True(value >= 0));
                CheckConditions(problem.A, b, answer);
                Assert.True(Misfit(problem.A, b, answer) <= SlowBest(problem.A, b) + 1e-10 * b.Sum(value => value * value));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Theory]
    [InlineData("random")]
    [InlineData("scaled")]
    [InlineData("close")]
    public void Satisfies_the_optimality_conditions_in_a_hundred_thousand_problems(string kind)
    {
        for (ulong seed = 0; seed < 100_000; seed++)
        {
            var problem = Make(new SeededNoise(seed), 1 + (int)(seed % 12), 1 + (int)(seed / 12 % 5), 1, kind);
            CheckConditions(problem.A, problem.B.Column(0), NonNegativeLeastSquares.Solve(problem.A, problem.B).Column(0));
        }
    }

    [Fact]
    public void Does_not_depend_on_the_scale_of_the_components() =>
        Prop.ForAll(Problems(), problem =>
        {
            var scaled = new double[problem.A.Rows * problem.A.Columns];
            for (var row = 0; row < problem.A.Rows; row++)
                for (var column = 0; column < problem.A.Columns; column++)
                    scaled[row * problem.A.Columns + column] = problem.A[row, column] * Math.Pow(10, 6 - 3 * column);
            var plain = NonNegativeLeastSquares.Solve(problem.A, problem.B);
            var stretched = NonNegativeLeastSquares.Solve(new Matrix(problem.A.Rows, problem.A.Columns, scaled), problem.B);
            for (var column = 0; column < problem.B.Columns; column++)
            {
                var b = problem.B.Column(column);
                var back = stretched.Column(column).Select((value, index) => value * Math.Pow(10, 6 - 3 * index)).ToArray();
                Assert.Equal(Misfit(problem.A, b, plain.Column(column)), Misfit(problem.A, b, back), 1e-9 * (1 + b.Sum(value => value * value)));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Gives_a_vanished_component_nothing()
    {
        var x = NonNegativeLeastSquares.Solve(new Matrix(3, 2, [1, 0, 2, 0, 1, 0]), new Matrix(3, 1, [1, 2, 1]));
        Assert.Equal(1, x[0, 0], 1e-14);
        Assert.Equal(0, x[1, 0]);
    }

    [Fact]
    public void U3_Is_followed_by_closure_over_some_of_the_components()
    {
        var closed = new Closure(10, [0, 1]).ApplyTo(new Matrix(3, 3, [1, 2, 9, 2, 2, 8, 3, 1, 7]));
        double[] expected = [10.0 / 3, 20.0 / 3, 9, 5, 5, 8, 7.5, 2.5, 7];
        for (var index = 0; index < expected.Length; index++) Assert.Equal(expected[index], closed.Values[index], 1e-14);
    }

    public sealed record Problem(Matrix A, Matrix B, string Kind);

    // Random, sparse, collinear, repeated, vanished and badly scaled columns, and columns at small angles to each other.
    private static Arbitrary<Problem> Problems() => Arb.From(
        from seed in Gen.Choose(0, int.MaxValue)
        from rows in Gen.Choose(1, 12)
        from columns in Gen.Choose(1, 5)
        from rightSides in Gen.Choose(1, 20)
        from kind in Gen.Elements("random", "positive", "repeated", "dependent", "vanished", "scaled", "close", "integers")
        select Make(new SeededNoise((ulong)seed), rows, columns, rightSides, kind));

    private static Problem Make(SeededNoise noise, int rows, int columns, int rightSides, string kind)
    {
        var a = new double[rows * columns];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                a[row * columns + column] = kind switch
                {
                    "positive" => noise.Uniform(),
                    "repeated" when column > 0 => a[row * columns + column - 1],
                    "dependent" when column > 1 => a[row * columns] + 2 * a[row * columns + 1],
                    "vanished" when column % 2 == 1 => 0,
                    "scaled" => noise.Normal() * Math.Pow(10, 4 * column - 8),
                    "close" when column > 0 => a[row * columns + column - 1] + noise.Normal() * Math.Pow(10, -2 * column),
                    "integers" => noise.Below(3) - 1,
                    _ => noise.Normal(),
                };
        var b = new double[rows * rightSides];
        for (var index = 0; index < b.Length; index++) b[index] = kind == "integers" ? noise.Below(5) - 2 : noise.Normal();
        return new Problem(new Matrix(rows, columns, a), new Matrix(rows, rightSides, b), kind);
    }

    private static void CheckConditions(Matrix a, double[] b, double[] x)
    {
        var residual = b.Select((value, row) => value - Enumerable.Range(0, a.Columns).Sum(column => a[row, column] * x[column])).ToArray();
        var size = Math.Sqrt(b.Sum(value => value * value));
        for (var column = 0; column < a.Columns; column++)
        {
            var norm = Math.Sqrt(a.Column(column).Sum(value => value * value));
            if (norm == 0) continue;
            var slope = a.Column(column).Zip(residual, (value, rest) => value * rest).Sum() / norm;
            if (x[column] > 0) Assert.True(Math.Abs(slope) <= 1e-10 * size, $"slope {slope:r} of passive {column}");
            else Assert.True(slope <= 1e-10 * size, $"slope {slope:r} of active {column}");
        }
    }

    private static double Misfit(Matrix a, double[] b, double[] x) => b.Select((value, row) =>
    {
        var rest = value - Enumerable.Range(0, a.Columns).Sum(column => a[row, column] * x[column]);
        return rest * rest;
    }).Sum();

    // Every subset of the columns by orthogonalisation of the columns themselves, no Gram matrix: the least misfit among those with no negative part.
    private static double SlowBest(Matrix a, double[] b)
    {
        var best = b.Sum(value => value * value);
        for (var set = 1; set < 1 << a.Columns; set++)
        {
            var members = Enumerable.Range(0, a.Columns).Where(column => (set >> column & 1) != 0).ToArray();
            if (Fit(a, b, members) is { } x && x.All(value => value >= 0)) best = Math.Min(best, Misfit(a, b, x));
        }
        return best;
    }

    private static double[]? Fit(Matrix a, double[] b, int[] members)
    {
        var q = new List<double[]>();
        var r = new double[members.Length, members.Length];
        for (var k = 0; k < members.Length; k++)
        {
            var vector = a.Column(members[k]);
            var size = Math.Sqrt(vector.Sum(value => value * value));
            for (var twice = 0; twice < 2; twice++)
                for (var j = 0; j < k; j++)
                {
                    var along = q[j].Zip(vector, (x, y) => x * y).Sum();
                    r[j, k] += along;
                    vector = [.. vector.Zip(q[j], (x, y) => x - along * y)];
                }
            r[k, k] = Math.Sqrt(vector.Sum(value => value * value));
            if (r[k, k] <= 1e-7 * size) return null;
            q.Add([.. vector.Select(value => value / r[k, k])]);
        }
        var solution = new double[a.Columns];
        for (var k = members.Length - 1; k >= 0; k--)
        {
            var value = q[k].Zip(b, (x, y) => x * y).Sum();
            for (var j = k + 1; j < members.Length; j++) value -= r[k, j] * solution[members[j]];
            solution[members[k]] = value / r[k, k];
        }
        return solution;
    }
}
