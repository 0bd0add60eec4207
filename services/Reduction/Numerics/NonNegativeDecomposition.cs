using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// A non-negative start from the singular value decomposition (NNDSVD; Boutsidis and Gallopoulos, Pattern Recognition 41, 2008, 1350): of each
/// singular pair the heavier of the positive and the negative parts, D ~ C S. No randomness.
/// Errors: <c>component_count</c>, <c>zero_data</c>, <c>nndsvd_exhausted</c>.
/// </summary>
public static class NonNegativeDecomposition
{
    /// <summary>C0 (n x k) and S0 (k x m), no value negative, no component zero.</summary>
    public static (Matrix C, Matrix S) Of(Matrix data, int components, CancellationToken cancellation = default)
    {
        const double rounding = 1e-12;
        ArgumentNullException.ThrowIfNull(data);
        var pca = PrincipalComponents.Of(data, keep: components, cancellation: cancellation);
        var c = Matrix.Allocate(data.Rows, components);
        var s = Matrix.Allocate(components, data.Columns);
        for (var k = 0; k < components; k++)
        {
            var value = pca.SingularValues[k];
            if (value <= rounding * pca.SingularValues[0])
                throw new NumericsException("nndsvd_exhausted", string.Create(CultureInfo.InvariantCulture,
                    $"The data hold only {k} independent components; ask for fewer."));
            var left = pca.Scores.Column(k);
            TensorPrimitives.Divide(left, value, left);
            var right = pca.Loadings.Row(k).ToArray();
            var (up, upNorm) = Part(left, right, 1);
            var (down, downNorm) = Part(left, right, -1);
            var (chosen, weight) = upNorm >= downNorm ? (up, upNorm) : (down, downNorm);
            if (weight == 0)
                throw new NumericsException("nndsvd_exhausted", string.Create(CultureInfo.InvariantCulture,
                    $"Component {k} has no part of one sign; ask for fewer."));
            var scale = Math.Sqrt(value * weight);
            for (var row = 0; row < data.Rows; row++) c[row * components + k] = scale * chosen.Left[row];
            TensorPrimitives.Multiply(chosen.Right, scale, s.AsSpan(k * data.Columns, data.Columns));
        }
        return (new Matrix(data.Rows, components, c), new Matrix(components, data.Columns, s));
    }

    // Both parts of unit length, and the product of their lengths before.
    private static ((double[] Left, double[] Right) Unit, double Norm) Part(double[] left, double[] right, double sign)
    {
        var (u, v) = (new double[left.Length], new double[right.Length]);
        TensorPrimitives.Multiply(left, sign, u);
        TensorPrimitives.Max(u, 0, u);
        TensorPrimitives.Multiply(right, sign, v);
        TensorPrimitives.Max(v, 0, v);
        var (lengthU, lengthV) = (TensorPrimitives.Norm<double>(u), TensorPrimitives.Norm<double>(v));
        if (lengthU * lengthV == 0) return ((u, v), 0);
        TensorPrimitives.Divide(u, lengthU, u);
        TensorPrimitives.Divide(v, lengthV, v);
        return ((u, v), lengthU * lengthV);
    }
}
