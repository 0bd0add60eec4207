using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Benchmarks;

/// <summary>The four sizes of the acceptance table, as series that are made here: species that follow each other, or a map of overlapping spots with
/// empty places.</summary>
internal sealed record Size(string Name, int Spectra, int Channels, int Components, bool Map, double Pass, double Stretch, double FieldsTool)
{
    public static readonly Size[] All =
    [
        new("syn_s", 200, 1000, 3, false, 0.5, 0.2, 17.6),
        new("syn_m", 1000, 2000, 4, false, 6, 2.5, 170),
        new("syn_l", 20_000, 1000, 4, false, 50, 20, 2361),
        new("syn_xl", 1_000_000, 200, 5, true, 450, 150, 40_608),
    ];

    /// <summary>The data, float32 where they are a map, and the true spectra.</summary>
    public (DataMatrix Data, Matrix Start) Make()
    {
        var random = new Random(20260101);
        var pure = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: Components, Channels: Channels, Components: Components, Noise: 0)).TrueS;
        var c = Map ? Spots(random) : SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra, Components, Components, Noise: 0)).TrueC;
        var model = new double[Channels];
        var (singles, doubles) = Map ? (new float[Spectra * Channels], Array.Empty<double>()) : ([], new double[Spectra * Channels]);
        for (var row = 0; row < Spectra; row++)
        {
            Array.Clear(model);
            for (var k = 0; k < Components; k++)
                if (c[row, k] != 0) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(pure.Row(k), c[row, k], model, model);
            for (var channel = 0; channel < Channels; channel++)
            {
                // Close enough to normal, and fast.
                var noise = random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5;
                var value = model[channel] + (Map ? 0.06 : 0.008) * Math.Sqrt(model[channel] + 0.05) * noise;
                if (Map) singles[row * Channels + channel] = (float)value;
                else doubles[row * Channels + channel] = value;
            }
        }
        return (Map ? DataMatrix.OfSingles(Spectra, Channels, singles) : new Matrix(Spectra, Channels, doubles), pure);
    }

    private Matrix Spots(Random random)
    {
        var side = (int)Math.Sqrt(Spectra);
        var c = new double[Spectra * Components];
        for (var k = 0; k < Components; k++)
            for (var spot = 0; spot < 12; spot++)
            {
                var (x, y, radius) = (random.NextDouble(), random.NextDouble(), 0.05 + 0.12 * random.NextDouble());
                for (var row = 0; row < side; row++)
                    for (var column = 0; column < side; column++)
                    {
                        var distance = (Math.Pow(column / (double)side - x, 2) + Math.Pow(row / (double)side - y, 2)) / (radius * radius);
                        if (distance < 3) c[(row * side + column) * Components + k] += Math.Exp(-distance);
                    }
            }
        return new Matrix(Spectra, Components, c);
    }
}
