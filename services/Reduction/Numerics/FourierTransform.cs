using System.Numerics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The discrete Fourier transform of any length: radix 2 where the length is a power of two (Cooley, Tukey, Math. Comp. 19, 1965, 297), else as a
/// convolution (Bluestein, IEEE Trans. AU-18, 1970, 451).
/// </summary>
public static class FourierTransform
{
    /// <summary>Replaces the values by sum_n v[n] exp(-2 pi i n k / N), or with the other sign and divided by N where
    /// <paramref name="inverse"/>.</summary>
    public static void Transform(Span<Complex> values, bool inverse = false)
    {
        if (values.Length < 2) return;
        if (BitOperations.IsPow2(values.Length)) Radix2(values, inverse);
        else Bluestein(values, inverse);
        if (!inverse) return;
        for (var i = 0; i < values.Length; i++) values[i] /= values.Length;
    }

    /// <summary>The two-dimensional transform of rows x columns values, row after row.</summary>
    public static void Transform(Complex[] values, int rows, int columns, bool inverse = false)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != rows * columns) throw new NumericsException("matrix_shape", "The values do not fill the image.");
        for (var row = 0; row < rows; row++) Transform(values.AsSpan(row * columns, columns), inverse);
        var column = new Complex[rows];
        for (var c = 0; c < columns; c++)
        {
            for (var row = 0; row < rows; row++) column[row] = values[row * columns + c];
            Transform(column.AsSpan(), inverse);
            for (var row = 0; row < rows; row++) values[row * columns + c] = column[row];
        }
    }

    private static void Radix2(Span<Complex> values, bool inverse)
    {
        var n = values.Length;
        for (int i = 1, j = 0; i < n; i++)
        {
            var bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) j ^= bit;
            j ^= bit;
            if (i < j) (values[i], values[j]) = (values[j], values[i]);
        }
        for (var length = 2; length <= n; length <<= 1)
        {
            var angle = (inverse ? 2 : -2) * Math.PI / length;
            for (var k = 0; k < length / 2; k++)
            {
                var twiddle = Complex.FromPolarCoordinates(1, angle * k);
                for (var start = k; start < n; start += length)
                {
                    var (even, odd) = (values[start], values[start + length / 2] * twiddle);
                    (values[start], values[start + length / 2]) = (even + odd, even - odd);
                }
            }
        }
    }

    private static void Bluestein(Span<Complex> values, bool inverse)
    {
        var n = values.Length;
        var padded = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * n - 1));
        var chirp = new Complex[n];
        // k^2 modulo 2n keeps the angle small and exact.
        for (var k = 0; k < n; k++) chirp[k] = Complex.FromPolarCoordinates(1, (inverse ? 1 : -1) * Math.PI * ((long)k * k % (2L * n)) / n);
        Complex[] a = new Complex[padded], b = new Complex[padded];
        for (var k = 0; k < n; k++) a[k] = values[k] * chirp[k];
        b[0] = Complex.Conjugate(chirp[0]);
        for (var k = 1; k < n; k++) b[k] = b[padded - k] = Complex.Conjugate(chirp[k]);
        Radix2(a, false);
        Radix2(b, false);
        for (var k = 0; k < padded; k++) a[k] *= b[k];
        Radix2(a, true);
        for (var k = 0; k < n; k++) values[k] = a[k] / padded * chirp[k];
    }
}
