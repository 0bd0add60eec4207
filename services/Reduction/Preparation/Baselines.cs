using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>Takes off what <see cref="Snip"/> finds under the peaks of a diffraction pattern; <paramref name="Window"/> is the half width in channels
/// of the broadest peak.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SnipBackground(int Window = 40, bool Compress = true) : PreparationStep
{
    internal override void Check() => Require.Parameter(Window >= 1, $"The window is one channel or more, not {Window}.");

    internal override Applied Apply(Working work, References references) =>
        new(work.With((_, from, to) => TensorPrimitives.Subtract(from, Snip.Background(from, Window, Compress), to), work.Errors), this);
}

/// <summary>Takes off the baseline of asymmetric least squares (Eilers, Boelens, 2005; see <see cref="Whittaker"/>): smoothness
/// <paramref name="Lambda"/> (channels to the fourth power) and <paramref name="Asymmetry"/>, the weight of points above it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AsymmetricBaseline(double Lambda = 1e5, double Asymmetry = 0.01, int Iterations = 50) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Lambda > 0 && double.IsFinite(Lambda) && Asymmetry is > 0 and < 1 && Iterations is >= 1 and <= 1000,
        $"Lambda {Lambda}, asymmetry {Asymmetry} and {Iterations} iterations do not make a baseline.");

    internal override Applied Apply(Working work, References references) => new(
        work.With(
            (_, from, to) => TensorPrimitives.Subtract(from, Whittaker.AsymmetricBaseline(from, Lambda, Asymmetry, Iterations), to), work.Errors),
        this);
}

/// <summary>Takes off the baseline of asymmetrically reweighted least squares (Baek et al., 2015; see <see cref="Whittaker"/>), which needs no
/// asymmetry: smoothness <paramref name="Lambda"/>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReweightedBaseline(double Lambda = 1e5, double Tolerance = 1e-3, int Iterations = 50) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Lambda > 0 && double.IsFinite(Lambda) && Tolerance is > 0 and < 1 && Iterations is >= 1 and <= 1000,
        $"Lambda {Lambda}, tolerance {Tolerance} and {Iterations} iterations do not make a baseline.");

    internal override Applied Apply(Working work, References references) => new(
        work.With(
            (_, from, to) => TensorPrimitives.Subtract(from, Whittaker.ReweightedBaseline(from, Lambda, Tolerance, Iterations), to), work.Errors),
        this);
}

/// <summary>
/// Takes off a polynomial of the given degree below the peaks (<see cref="ModifiedPolynomial"/>; Zhao et al., 2007, after Lieber and Mahadevan-Jansen,
/// 2003), fitted until the spread about it changes by less than the part <paramref name="Tolerance"/>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PolynomialBaseline(int Degree = 3, double Tolerance = 1e-3, int Iterations = 250) : PreparationStep
{
    internal override void Check() => Require.Parameter(Degree is >= 0 and <= 8 && Tolerance is > 0 and < 1 && Iterations is >= 1 and <= 1000,
        $"Degree {Degree} (0 to 8), tolerance {Tolerance} and {Iterations} iterations do not make a baseline.");

    internal override Applied Apply(Working work, References references) => new(
        work.With(
            (_, from, to) => TensorPrimitives.Subtract(from, ModifiedPolynomial.Baseline(work.Axis, from, Degree, Tolerance, Iterations), to),
            work.Errors),
        this);
}
