using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The smooth absorption mu0(k) under the fine structure: the cubic spline that makes the Fourier transform of k^2 (mu - mu0) least below the
/// distance Rbkg (Newville, Livins, Yacoby, Rehr, Stern, Phys. Rev. B 47, 1993, 14126). It has 1 + 2 Rbkg (kmax - kmin) / pi coefficients, as many as
/// the band below Rbkg holds independent points, and at least five; the transform has Hanning sills of 1/Angstrom at both ends. Where the sills hide
/// mu - mu0, a light clamp keeps the spline on the data. As the transform is linear in the coefficients, this is one linear least-squares problem.
/// Errors: <c>too_few_points</c>.
/// </summary>
public sealed class FineStructureBackground
{
    private const int LeastCoefficients = 5;
    private const double Sill = 1;
    private const double Clamp = 0.1;
    private readonly SplineBasis basis;
    private readonly Matrix splines;
    private readonly Matrix transform;
    private readonly double[] clamps;
    private readonly Matrix design;

    /// <summary>For spectra on the even grid <paramref name="k"/> (1/Angstrom) and the distance <paramref name="rbkg"/> (Angstrom).</summary>
    public FineStructureBackground(double[] k, double rbkg)
    {
        ArgumentNullException.ThrowIfNull(k);
        var (length, step) = (k[^1] - k[0], k[1] - k[0]);
        var count = Math.Max(LeastCoefficients, 1 + (int)(2 * rbkg * length / Math.PI));
        if (k.Length < 2 * count)
            throw new NumericsException("too_few_points", FormattableString.Invariant(
                $"{k.Length} points in k do not determine {count} coefficients of a background."));
        basis = new SplineBasis(k[0], k[^1], count);
        splines = basis.At(k);
        var windows = Array.ConvertAll(k, at =>
            Math.Pow(Math.Sin(0.5 * Math.PI * Math.Min(1, Math.Min(at - k[0], k[^1] - at) / Math.Min(Sill, length / 2))), 2));
        // Both parts measure the integral of |k^2 chi|^2: over R (Parseval) and over k.
        clamps = [.. k.Zip(windows, (at, window) => Clamp * (1 - window) * at * at * Math.Sqrt(step))];
        transform = Transform(k, windows, step, rbkg, length);
        var below = transform.Times(splines);
        design = Matrix.FromRows([
            .. Enumerable.Range(0, below.Rows).Select(row => below.Row(row).ToArray()),
            .. clamps.Select((clamp, i) => Array.ConvertAll(splines.Row(i).ToArray(), value => clamp * value))]);
    }

    /// <summary>Where the spline has knots, the ends not counted (1/Angstrom).</summary>
    public IReadOnlyList<double> Knots => basis.InnerKnots;

    /// <summary>mu0 on the grid, of mu on the grid.</summary>
    public double[] Of(ReadOnlySpan<double> mu)
    {
        var right = new double[design.Rows];
        for (var row = 0; row < transform.Rows; row++) right[row] = TensorPrimitives.Dot(transform.Row(row), mu);
        TensorPrimitives.Multiply(clamps, mu, right.AsSpan(transform.Rows));
        var coefficients = LinearLeastSquares.Solve(design, right);
        var background = new double[mu.Length];
        for (var i = 0; i < background.Length; i++) background[i] = TensorPrimitives.Dot(splines.Row(i), coefficients);
        return background;
    }

    // Real and imaginary part up to Rbkg, twice as fine as independent points lie.
    private static Matrix Transform(double[] k, double[] windows, double step, double rbkg, double length)
    {
        var distance = Math.PI / (4 * length);
        var bands = (int)(rbkg / distance) + 1;
        var flat = Matrix.Allocate(2 * bands, k.Length);
        for (var i = 0; i < k.Length; i++)
        {
            var scale = k[i] * k[i] * windows[i] * step * Math.Sqrt(4 * distance / Math.PI);
            for (var band = 0; band < bands; band++)
            {
                var (sine, cosine) = Math.SinCos(2 * k[i] * band * distance);
                (flat[2 * band * k.Length + i], flat[(2 * band + 1) * k.Length + i]) = (scale * cosine, scale * sine);
            }
        }
        return new Matrix(2 * bands, k.Length, flat);
    }
}
