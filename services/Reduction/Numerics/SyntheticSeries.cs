using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>What <see cref="SyntheticSeries"/> is asked to make. Noise is the standard deviation where the absorption is one, and grows with its
/// square root.</summary>
public sealed record SyntheticSeriesOptions(
    int Spectra = 120, int Channels = 400, int Components = 3, double Noise = 0.004, ulong Seed = 20260101, double EdgeEnergy = 8340,
        double Width = 100);

/// <summary>
/// A series as an operando absorption experiment on a battery electrode would give it, with the truth known: the species follow each other through
/// one charge and a partial discharge, and each has an absorption edge that lies higher the more oxidised it is. The same seed gives the same
/// series. <see cref="Axis"/> is the photon energy in eV (m values), <see cref="Data"/> n x m, <see cref="TrueC"/> n x k with rows of sum one,
/// <see cref="TrueS"/> k x m.
/// Errors: <c>component_count</c>, <c>matrix_shape</c>, <c>options</c>.
/// </summary>
public sealed record SyntheticSeries(IReadOnlyList<double> Axis, Matrix Data, Matrix TrueC, Matrix TrueS)
{
    private const double ChargedAt = 0.7;
    private const double DischargedBy = 0.8;
    private const double DarkVariance = 0.05;

    public static SyntheticSeries Make(SyntheticSeriesOptions? options = null)
    {
        options ??= new SyntheticSeriesOptions();
        if (options.Components < 1 || options.Components > Math.Min(options.Spectra, options.Channels))
            throw new NumericsException("component_count", "A synthetic series needs at least one component, and not more than spectra or channels.");
        if (options.Channels < 2) throw new NumericsException("matrix_shape", "A synthetic series needs at least two channels.");
        if (!(options.Noise >= 0) || !(options.Width > 0) || !double.IsFinite(options.EdgeEnergy))
            throw new NumericsException("options", "Noise, width and edge energy of a synthetic series must be finite and not negative.");

        var noise = new SeededNoise(options.Seed);
        var axis = new double[options.Channels];
        for (var index = 0; index < axis.Length; index++)
            axis[index] = options.EdgeEnergy + options.Width * (index / (axis.Length - 1.0) - 0.2);
        var s = Matrix.FromRows([.. Enumerable.Range(0, options.Components).Select(index => Edge(axis, options, index, noise))]);
        var c = Concentrations(options);
        var flat = c.Times(s).Values.ToArray();
        for (var index = 0; index < flat.Length; index++)
            flat[index] += options.Noise * Math.Sqrt(Math.Max(flat[index], 0) + DarkVariance) * noise.Normal();
        return new SyntheticSeries(axis, new Matrix(options.Spectra, options.Channels, flat), c, s);
    }

    private static double[] Edge(double[] axis, SyntheticSeriesOptions options, int component, SeededNoise noise)
    {
        var edge = options.EdgeEnergy + 1.7 * component + noise.Uniform(-0.3, 0.3);
        var (width, whiteLine, whiteLineWidth) = (noise.Uniform(1, 1.2), noise.Uniform(0.5, 0.9), noise.Uniform(2.2, 3));
        var (prePeak, shell, phase) = (noise.Uniform(0.03, 0.07), 2 + 0.12 * component + noise.Uniform(0, 0.1), noise.Uniform(0, 2));
        var spectrum = new double[axis.Length];
        for (var index = 0; index < axis.Length; index++)
        {
            var above = axis[index] - edge;
            var wave = Math.Sqrt(Math.Max(above, 0));
            spectrum[index] = Math.Max(0,
                0.5 + Math.Atan(above / width) / Math.PI
                + whiteLine * Bell((above - 4) / whiteLineWidth)
                + prePeak * Bell((above + 8 - 1.2 * component) / 1.1)
                + 0.16 * Math.Exp(-wave / 6) * Math.Sin(shell * wave + phase) * (1 - Bell(Math.Max(above, 0) / 6)));
        }
        return spectrum;

        static double Bell(double x) => Math.Exp(-x * x);
    }

    private static Matrix Concentrations(SyntheticSeriesOptions options)
    {
        var flat = Matrix.Allocate(options.Spectra, options.Components);
        for (var row = 0; row < options.Spectra; row++)
        {
            var time = options.Spectra == 1 ? 0 : row / (options.Spectra - 1.0);
            var charge = time < ChargedAt ? time / ChargedAt : 1 - (time - ChargedAt) / (1 - ChargedAt) * DischargedBy;
            var species = flat.AsSpan(row * options.Components, options.Components);
            for (var index = 0; index < species.Length; index++)
            {
                var centre = species.Length == 1 ? 0 : index / (species.Length - 1.0);
                var distance = (charge - centre) * Math.Max(1, species.Length - 1) / 0.62;
                var share = Math.Exp(-2 * distance * distance);
                species[index] = share < 1e-3 ? 0 : share;
            }
            if (species.Length == 1) species[0] = 1;
            TensorPrimitives.Divide(species, TensorPrimitives.Sum<double>(species), species);
        }
        return new Matrix(options.Spectra, options.Components, flat);
    }
}
