using System.Globalization;
using System.Numerics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The shift between two images from the phase of their cross spectrum (Kuglin, Hines, Proc. IEEE Cybernetics 1975, 163): mean taken off, edges
/// faded by a Hann window, the peak refined by a parabola in each direction. Errors: <c>matrix_shape</c>, <c>flat_image</c>.
/// </summary>
public static class PhaseCorrelation
{
    /// <summary>How far (rows down, columns right) <paramref name="image"/> lies from <paramref name="reference"/>: image(y, x) =
    /// reference(y - rows, x - columns).</summary>
    public static (double Rows, double Columns) Shift(ReadOnlySpan<double> reference, ReadOnlySpan<double> image, int rows, int columns)
    {
        if (reference.Length != rows * columns || image.Length != reference.Length)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"Images of {reference.Length} and {image.Length} pixels do not fill {rows} x {columns}."));
        var a = Faded(reference, rows, columns);
        var b = Faded(image, rows, columns);
        for (var i = 0; i < a.Length; i++)
        {
            var cross = b[i] * Complex.Conjugate(a[i]);
            var size = Complex.Abs(cross);
            a[i] = size > 0 ? cross / size : Complex.Zero;
        }
        FourierTransform.Transform(a, rows, columns, inverse: true);
        var peak = 0;
        for (var i = 1; i < a.Length; i++)
            if (a[i].Real > a[peak].Real) peak = i;
        var (y, x) = (peak / columns, peak % columns);
        return (Signed(y, rows) + Fraction(At(y - 1, x), At(y, x), At(y + 1, x)), Signed(x, columns) + Fraction(At(y, x - 1), At(y, x), At(y, x + 1)));

        double At(int row, int column) => a[(row + rows) % rows * columns + (column + columns) % columns].Real;
    }

    private static double Signed(int at, int length) => at > length / 2 ? at - length : at;

    private static double Fraction(double before, double peak, double after)
    {
        var curvature = before - 2 * peak + after;
        return curvature < 0 ? Math.Clamp(0.5 * (before - after) / curvature, -0.5, 0.5) : 0;
    }

    private static Complex[] Faded(ReadOnlySpan<double> image, int rows, int columns)
    {
        var mean = 0.0;
        foreach (var value in image) mean += value / image.Length;
        var faded = new Complex[image.Length];
        var any = false;
        for (var y = 0; y < rows; y++)
            for (var x = 0; x < columns; x++)
            {
                var value = (image[y * columns + x] - mean) * Hann(y, rows) * Hann(x, columns);
                any |= value != 0;
                faded[y * columns + x] = value;
            }
        if (!any) throw new NumericsException("flat_image", "An image without any contrast cannot be aligned.");
        FourierTransform.Transform(faded, rows, columns);
        return faded;
    }

    private static double Hann(int at, int length) => length < 2 ? 1 : 0.5 - 0.5 * Math.Cos(2 * Math.PI * (at + 0.5) / length);
}
