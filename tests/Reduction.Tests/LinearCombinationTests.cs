using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_linear_combination_fit
{
    [Fact]
    public void Recovers_planted_weights_whatever_the_constraints() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from references in Gen.Choose(1, 5)
            from background in Gen.Elements(FitBackground.None, FitBackground.Constant, FitBackground.Linear)
            from nonNegative in Gen.Elements(true, false)
            from sumToOne in Gen.Elements(true, false)
            select (seed, references, background, nonNegative, sumToOne)),
        drawn =>
        {
            var noise = new SeededNoise((ulong)drawn.seed);
            var axis = Enumerable.Range(0, 80).Select(index => 100 + 0.5 * index).ToArray();
            var references = new Matrix(drawn.references, 80, [.. Enumerable.Range(0, 80 * drawn.references).Select(_ => noise.Uniform())]);
            var weights = Enumerable.Range(0, drawn.references).Select(index => drawn.references > 1 && index == 0 ? 0 : noise.Uniform(0.1, 1)).ToArray();
            if (drawn.sumToOne) weights = [.. weights.Select(weight => weight / weights.Sum())];
            var y = axis.Select((value, channel) => weights.Select((weight, index) => weight * references[index, channel]).Sum()
                + (drawn.background == FitBackground.None ? 0 : 0.3) + (drawn.background == FitBackground.Linear ? 0.02 * (value - axis.Average()) : 0)).ToArray();
            var fit = Fit(new Matrix(1, 80, y), references, axis, new LinearCombinationOptions
            {
                Background = drawn.background, NonNegative = drawn.nonNegative, SumToOne = drawn.sumToOne,
            })[0];
            for (var index = 0; index < weights.Length; index++) Assert.Equal(weights[index], fit.Weights[index], 1e-8);
            Assert.InRange(fit.RFactor, 0, 1e-15);
            if (drawn.background != FitBackground.None) Assert.Equal(0.3, fit.Background[0], 1e-8);
            if (drawn.background == FitBackground.Linear) Assert.Equal(0.02, fit.Background[1], 1e-8);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Holds_its_constraints_where_the_data_do_not()
    {
        var noise = new SeededNoise(8);
        var axis = Enumerable.Range(0, 50).Select(index => (double)index).ToArray();
        var references = new Matrix(3, 50, [.. Enumerable.Range(0, 150).Select(_ => noise.Normal())]);
        var data = new Matrix(20, 50, [.. Enumerable.Range(0, 1000).Select(_ => noise.Normal())]);
        foreach (var fit in Fit(data, references, axis, new LinearCombinationOptions { SumToOne = true }))
        {
            Assert.All(fit.Weights, weight => Assert.True(weight >= 0));
            Assert.Equal(1, fit.Weights.Sum(), 1e-12);
        }
        // No mixture on a fine grid of the triangle is better than the one found.
        var best = Fit(data, references, axis, new LinearCombinationOptions { SumToOne = true })[0].SumOfSquares;
        for (var a = 0; a <= 100; a++)
            for (var b = 0; a + b <= 100; b++)
            {
                double[] mixture = [a / 100.0, b / 100.0, (100 - a - b) / 100.0];
                var squares = Enumerable.Range(0, 50).Sum(channel => Math.Pow(data[0, channel] - mixture.Select((w, k) => w * references[k, channel]).Sum(), 2));
                Assert.True(squares >= best - 1e-9);
            }
        var soft = Fit(data, references, axis, new LinearCombinationOptions { SumWeight = 1e3 })[0];
        Assert.Equal(1, soft.Weights.Sum(), 1e-3);
    }

    [Fact]
    public void Gives_errors_of_the_size_of_the_scatter()
    {
        var noise = new SeededNoise(21);
        var axis = Enumerable.Range(0, 60).Select(index => (double)index).ToArray();
        var references = new Matrix(2, 60, [.. Enumerable.Range(0, 120).Select(_ => noise.Uniform())]);
        var rows = Enumerable.Range(0, 400).Select(_ => axis.Select((_, channel) =>
            0.4 * references[0, channel] + 0.6 * references[1, channel] + 0.02 * noise.Normal()).ToArray()).ToArray();
        foreach (var sumToOne in new[] { false, true })
        {
            var fits = Fit(Matrix.FromRows(rows), references, axis, new LinearCombinationOptions { SumToOne = sumToOne, NoiseLevel = 0.02 });
            var mean = fits.Average(fit => fit.Weights[0]);
            var scatter = Math.Sqrt(fits.Average(fit => Math.Pow(fit.Weights[0] - mean, 2)));
            Assert.Equal(0.4, mean, 0.002);
            Assert.Equal(1, fits.Average(fit => fit.Errors[0]) / scatter, 0.1);
            Assert.Equal(1, fits.Average(fit => fit.ReducedChiSquare), 0.05);
        }
    }

    [Fact]
    public void Finds_the_shift_of_a_reference()
    {
        var axis = Enumerable.Range(0, 200).Select(index => 7100 + 0.25 * index).ToArray();
        double Edge(double at, double e) => 0.5 + Math.Atan((e - at) / 1.5) / Math.PI + 0.4 * Math.Exp(-Math.Pow((e - at - 4) / 2, 2));
        var references = Matrix.FromRows([[.. axis.Select(e => Edge(7120, e))], [.. axis.Select(e => Edge(7128, e))]]);
        var y = axis.Select(e => 0.7 * Edge(7120.6, e) + 0.3 * Edge(7127.5, e)).ToArray();
        var fit = Fit(new Matrix(1, 200, y), references, axis, new LinearCombinationOptions { MostShift = 1, SumToOne = true })[0];
        Assert.Equal(0.6, fit.Shifts[0], 0.01);
        Assert.Equal(-0.5, fit.Shifts[1], 0.02);
        Assert.Equal(0.7, fit.Weights[0], 0.003);
        Assert.InRange(fit.RFactor, 0, 1e-6);
    }

    [Fact]
    public void Finds_which_references_are_needed()
    {
        var noise = new SeededNoise(31);
        var axis = Enumerable.Range(0, 120).Select(index => (double)index).ToArray();
        var references = new Matrix(6, 120, [.. Enumerable.Range(0, 720).Select(_ => noise.Uniform())]);
        var y = axis.Select((_, channel) => 0.25 * references[1, channel] + 0.75 * references[4, channel] + 0.01 * noise.Normal()).ToArray();
        var found = LinearCombination.Search(y, references, axis, 3);
        Assert.Equal(6 + 15 + 20, found.Count);
        var pair = found.First(combination => combination.References.Count == 2);
        Assert.Equal([1, 4], pair.References);
        Assert.InRange(pair.Significance, 0, 1e-6);
        Assert.All(found.Where(combination => combination.References.Count == 3 && combination.References.Contains(1) && combination.References.Contains(4)),
            combination => Assert.InRange(combination.Significance, 1e-3, 1));
        Assert.Equal("lcf_subsets", Assert.Throws<NumericsException>(() => LinearCombination.Search(
            y, new Matrix(30, 120, [.. Enumerable.Range(0, 3600).Select(_ => noise.Uniform())]), axis, 5)).Code);
    }

    [Fact]
    public void Predicts_measured_mixtures_of_known_concentrations()
    {
        var data = SharedData.Table("uvvis_simdata_known_truth/D.csv");
        var truth = Matrix.FromRows([.. File.ReadLines(SharedData.Path("uvvis_simdata_known_truth/C.csv"))
            .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())]);
        Assert.Equal(100, data.Rows);
        Assert.Equal((100, 3), (truth.Rows, truth.Columns));
        var (learned, tried) = (Enumerable.Range(0, 50).Select(row => 2 * row).ToArray(), Enumerable.Range(0, 50).Select(row => 2 * row + 1).ToArray());
        var solver = new NonNegativeLeastSquares(3);
        var known = truth.SelectRows(learned);
        solver.SetGram(known.Transpose().Times(known).Values);
        var pure = new double[3 * data.Columns];
        solver.SolveUnconstrained(known.Transpose().Times(data.SelectRows(learned)).Values, data.Columns, pure, data.Columns, data.Columns);
        var references = new Matrix(3, data.Columns, pure);
        var axis = Enumerable.Range(0, data.Columns).Select(index => 210.0 + index).ToArray();
        var fits = Fit(data.SelectRows(tried), references, axis);
        for (var k = 0; k < 3; k++)
        {
            var predicted = fits.Select(fit => fit.Weights[k]).ToArray();
            Assert.InRange(ComponentMatching.Correlation(predicted, truth.SelectRows(tried).Column(k)), 0.97, 1);
        }
    }

    [Theory]
    [InlineData("matrix_shape")]
    [InlineData("lcf_options")]
    [InlineData("lcf_references")]
    public void Refuses_what_cannot_be_fitted(string code)
    {
        var references = new Matrix(2, 4, [1, 2, 3, 4, 4, 3, 1, 1]);
        double[] axis = [0, 1, 2, 3];
        var exception = Assert.Throws<NumericsException>(() => code switch
        {
            "matrix_shape" => Fit(new Matrix(1, 3, [1, 2, 3]), references, axis),
            "lcf_options" => Fit(new Matrix(1, 4, [1, 2, 3, 4]), references, axis, new LinearCombinationOptions { MostShift = -1 }),
            _ => Fit(new Matrix(1, 4, [1, 2, 3, 4]), references, axis, new LinearCombinationOptions { Background = FitBackground.Linear }),
        });
        Assert.Equal(code, exception.Code);
    }

    [Fact]
    public void Finds_nothing_of_any_reference_in_a_spectrum_that_is_zero_and_fits_the_others_as_ever()
    {
        var references = new Matrix(2, 4, [1, 2, 3, 4, 4, 3, 1, 1]);
        double[] axis = [0, 1, 2, 3];
        foreach (var options in new LinearCombinationOptions[] { new(), new() { SumToOne = true }, new() { Background = FitBackground.Constant, MostShift = 0.5 } })
        {
            var fits = Fit(new Matrix(2, 4, [0, 0, 0, 0, 1, 2, 3, 4]), references, axis, options);
            Assert.All(fits[0].Weights, weight => Assert.Equal(0, weight));
            Assert.Equal((0, 0), (fits[0].SumOfSquares, fits[0].RFactor));
            Assert.Equal(Fit(new Matrix(1, 4, [1, 2, 3, 4]), references, axis, options)[0].Weights, fits[1].Weights);
        }
        var outcome = Reduce.Run(
            new SpectralSeries("made", new SpectralAxis("energy", null, axis), new Matrix(3, 4, [1, 2, 3, 4, 0, 0, 0, 0, 4, 3, 1, 1]), null, null, [], []),
            new ReductionOptions { Method = ReductionMethod.LinearCombination, Closure = new Closure(), Combination = new() { References = [new() { Spectra = references }], Rank = 2 } });
        Assert.Equal([1.0, 0, 0, 0, 0, 1], outcome.Concentrations.Values.ToArray().Select(value => Math.Round(value, 12)));
        Assert.Equal([0, 0, 0, 0], outcome.Residual(1));
        Assert.Contains(outcome.Result.Warnings, warning => warning.Code == "spectra_zero");
    }

    private static LinearCombinationFit[] Fit(Matrix data, Matrix references, IReadOnlyList<double> axis, LinearCombinationOptions? options = null)
    {
        var fitting = new LinearCombinationFitting(references, axis, options ?? new LinearCombinationOptions());
        return [.. Enumerable.Range(0, data.Rows).Select(row => fitting.Fit(data.Row(row)))];
    }
}
