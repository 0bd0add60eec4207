using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The polynomial of least squares through points (x, y), held in the variable (x - centre) / scale that runs from -1 to 1 over the points, so that
/// photon energies of ten thousand eV lose no digits. Errors: <c>too_few_points</c>, <c>options</c>, <c>rank_deficient</c>.
/// </summary>
public sealed class PolynomialFit
{
    private readonly double centre;
    private readonly double scale;
    private readonly double[] coefficients;

    private PolynomialFit(double centre, double scale, double[] coefficients) =>
        (this.centre, this.scale, this.coefficients) = (centre, scale, coefficients);

    /// <summary>Fits degree <paramref name="degree"/> (0 to 12), optionally with a weight (not negative) for each point.</summary>
    public static PolynomialFit Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int degree, ReadOnlySpan<double> weights = default)
    {
        if (degree is < 0 or > 12) throw new NumericsException("options", "A polynomial has a degree from 0 to 12.");
        if (x.Length != y.Length || x.Length < degree + 1)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"A polynomial of degree {degree} needs at least {degree + 1} points; there are {x.Length}."));
        double low = x[0], high = x[0];
        foreach (var value in x) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        var centre = 0.5 * (low + high);
        var scale = high > low ? 0.5 * (high - low) : 1;
        var design = Matrix.Allocate(x.Length, degree + 1);
        var right = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : Math.Sqrt(weights[i]);
            var power = weight;
            for (var k = 0; k <= degree; k++, power *= (x[i] - centre) / scale) design[i * (degree + 1) + k] = power;
            right[i] = weight * y[i];
        }
        return new PolynomialFit(centre, scale, LinearLeastSquares.Solve(new Matrix(x.Length, degree + 1, design), right));
    }

    /// <summary>The value at <paramref name="x"/>.</summary>
    public double At(double x)
    {
        var (t, value) = ((x - centre) / scale, 0.0);
        for (var k = coefficients.Length - 1; k >= 0; k--) value = value * t + coefficients[k];
        return value;
    }
}
