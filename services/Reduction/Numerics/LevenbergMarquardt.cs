using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>Writes the model's values (m) and its Jacobian (m x p, row after row) at the given parameters (p).</summary>
public delegate void ModelWithJacobian(ReadOnlySpan<double> parameters, Span<double> values, Span<double> jacobian);

/// <summary>What a nonlinear fit found: parameters, their standard errors (weights taken as 1/variance), the weighted sum of squares, and whether it
/// settled.</summary>
public sealed record NonlinearFit(IReadOnlyList<double> Parameters, IReadOnlyList<double> StandardErrors, double ChiSquare, int Iterations,
    bool Converged);

/// <summary>
/// Nonlinear least squares by Levenberg's and Marquardt's method with Marquardt's scaling (Marquardt, J. SIAM 11, 1963, 431): the parameters that
/// make sum w (y - f)^2 least. Errors: <c>too_few_points</c>, <c>fit_singular</c>, <c>not_finite</c>.
/// </summary>
public static class LevenbergMarquardt
{
    private const double MostDamping = 1e12;

    public static NonlinearFit Fit(ModelWithJacobian model, ReadOnlySpan<double> y, ReadOnlySpan<double> weights, ReadOnlySpan<double> start,
        double tolerance = 1e-12, int maxIterations = 200)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (m, p) = (y.Length, start.Length);
        if (m < p || weights.Length != m)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"{m} points do not determine {p} parameters."));
        var current = start.ToArray();
        double[] values = new double[m], jacobian = new double[m * p], tried = new double[p], triedValues = new double[m],
            triedJacobian = new double[m * p], normal = new double[p * p], gradient = new double[p];
        model(current, values, jacobian);
        var chi = ChiSquare(y, values, weights);
        if (!double.IsFinite(chi)) throw new NumericsException("not_finite", "The start of the fit gives no finite sum of squares.");
        var damping = 1e-3;
        var converged = false;
        var iteration = 0;
        while (!converged && iteration < maxIterations)
        {
            iteration++;
            NormalEquations(y, values, weights, jacobian, normal, gradient);
            while (true)
            {
                if (Step(normal, gradient, damping) is { } step)
                {
                    for (var a = 0; a < p; a++) tried[a] = current[a] + step[a];
                    model(tried, triedValues, triedJacobian);
                    var triedChi = ChiSquare(y, triedValues, weights);
                    if (double.IsFinite(triedChi) && triedChi <= chi)
                    {
                        converged = chi - triedChi <= tolerance * chi;
                        (current, tried, values, triedValues, jacobian, triedJacobian, chi) =
                            (tried, current, triedValues, values, triedJacobian, jacobian, triedChi);
                        damping = Math.Max(damping / 10, 1e-12);
                        break;
                    }
                }
                damping *= 10;
                if (damping > MostDamping)
                {
                    // No direction leads down: this is the minimum as far as float64 can tell.
                    converged = true;
                    break;
                }
            }
        }
        NormalEquations(y, values, weights, jacobian, normal, gradient);
        var errors = new double[p];
        for (var a = 0; a < p; a++)
        {
            Array.Clear(gradient);
            gradient[a] = 1;
            var column = Step(normal, gradient, 0) ?? throw new NumericsException("fit_singular", "The data do not determine all parameters.");
            errors[a] = Math.Sqrt(Math.Max(0, column[a]));
        }
        return new NonlinearFit(current, errors, chi, iteration, converged);
    }

    private static double ChiSquare(ReadOnlySpan<double> y, double[] values, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++) sum += weights[i] * (y[i] - values[i]) * (y[i] - values[i]);
        return sum;
    }

    private static void NormalEquations(
        ReadOnlySpan<double> y, double[] values, ReadOnlySpan<double> weights, double[] jacobian, double[] normal, double[] gradient)
    {
        Array.Clear(normal);
        Array.Clear(gradient);
        var p = gradient.Length;
        for (var i = 0; i < values.Length; i++)
        {
            var row = jacobian.AsSpan(i * p, p);
            var misfit = weights[i] * (y[i] - values[i]);
            for (var a = 0; a < p; a++)
            {
                gradient[a] += row[a] * misfit;
                var weighted = weights[i] * row[a];
                for (var b = 0; b <= a; b++) normal[a * p + b] += weighted * row[b];
            }
        }
    }

    // Cholesky of the scaled, damped normal matrix (lower triangle); null where it is not positive definite.
    private static double[]? Step(double[] normal, double[] gradient, double damping)
    {
        var p = gradient.Length;
        var scale = new double[p];
        for (var a = 0; a < p; a++)
        {
            if (!(normal[a * p + a] > 0)) return null;
            scale[a] = 1 / Math.Sqrt(normal[a * p + a]);
        }
        var factor = new double[p * p];
        for (var a = 0; a < p; a++)
            for (var b = 0; b <= a; b++)
            {
                var sum = normal[a * p + b] * scale[a] * scale[b] + (a == b ? damping : 0);
                for (var k = 0; k < b; k++) sum -= factor[a * p + k] * factor[b * p + k];
                if (a == b && !(sum > 1e-15)) return null;
                factor[a * p + b] = a == b ? Math.Sqrt(sum) : sum / factor[b * p + b];
            }
        var x = new double[p];
        for (var a = 0; a < p; a++)
        {
            var sum = gradient[a] * scale[a];
            for (var k = 0; k < a; k++) sum -= factor[a * p + k] * x[k];
            x[a] = sum / factor[a * p + a];
        }
        for (var a = p - 1; a >= 0; a--)
        {
            var sum = x[a];
            for (var k = a + 1; k < p; k++) sum -= factor[k * p + a] * x[k];
            x[a] = sum / factor[a * p + a];
        }
        for (var a = 0; a < p; a++) x[a] *= scale[a];
        return x;
    }
}
