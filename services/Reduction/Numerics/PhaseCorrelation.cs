using System.Globalization;
using System.Numerics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The shift between two images from the phase of their cross spectrum (Kuglin, Hines, Proc. IEEE Cybernetics 1975, 163): mean taken off, edges
/// faded by a Hann window, weak frequencies held down, the peak refined by a parabola in each direction. Errors: <c>matrix_shape</c>,
/// <c>flat_image</c>.
/// </summary>
public static class PhaseCorrelation
{
    private const int MostRounds = 6;
    private const double Floor = 1e-3;

    /// <summary>How far (rows down, columns right) <paramref name="image"/> lies from <paramref name="reference"/>: image(y, x) =
    /// reference(y - rows, x - columns).</summary>
    public static (double Rows, double Columns) Shift(ReadOnlySpan<double> reference, ReadOnlySpan<double> image, int rows, int columns)
    {
        if (reference.Length != rows * columns || image.Length != reference.Length)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"Images of {reference.Length} and {image.Length} pixels do not fill {rows} x {columns}."));
        var (down, right) = (0, 0);
        // The window stands still while the scene moves, which pulls the peak towards zero: what both images share is looked at again.
        for (var round = 0; ; round++)
        {
            var (height, width) = (rows - Math.Abs(down), columns - Math.Abs(right));
            var (y, x) = Peak(
                Part(reference, columns, Math.Max(0, -down), Math.Max(0, -right), height, width),
                Part(image, columns, Math.Max(0, down), Math.Max(0, right), height, width), height, width);
            var (moreDown, moreRight) = ((int)Math.Round(y), (int)Math.Round(x));
            if (round == MostRounds || (moreDown == 0 && moreRight == 0)
                || Math.Abs(down + moreDown) > rows / 2 || Math.Abs(right + moreRight) > columns / 2) return (down + y, right + x);
            (down, right) = (down + moreDown, right + moreRight);
        }
    }

    private static double[] Part(ReadOnlySpan<double> image, int columns, int top, int left, int height, int width)
    {
        var part = new double[height * width];
        for (var y = 0; y < height; y++) image.Slice((top + y) * columns + left, width).CopyTo(part.AsSpan(y * width));
        return part;
    }

    private static (double Rows, double Columns) Peak(double[] reference, double[] image, int rows, int columns)
    {
        var a = Faded(reference, rows, columns);
        var b = Faded(image, rows, columns);
        var largest = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = b[i] * Complex.Conjugate(a[i]);
            largest = Math.Max(largest, Complex.Abs(a[i]));
        }
        // Frequencies with next to no power have no phase of their own.
        for (var i = 0; i < a.Length; i++) a[i] /= Complex.Abs(a[i]) + Floor * largest;
        FourierTransform.Transform(a, rows, columns, inverse: true);
        var peak = 0;
        for (var i = 1; i < a.Length; i++)
            if (a[i].Real > a[peak].Real) peak = i;
        var (y, x) = (peak / columns, peak % columns);
        return (
            Signed(y, rows) + Fraction(At(y - 1, x), At(y, x), At(y + 1, x)),
            Signed(x, columns) + Fraction(At(y, x - 1), At(y, x), At(y, x + 1)));

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
