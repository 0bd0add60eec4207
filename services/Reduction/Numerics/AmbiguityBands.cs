using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// What the transformed profiles have to satisfy. <see cref="Closure"/>: the concentrations of all components sum to the same in every spectrum, as
/// they do in the given solution. Components of <see cref="KnownSpectra"/> or <see cref="KnownConcentrations"/> keep that profile.
/// <see cref="Tolerance"/>: how far below zero a profile may go, relative to its largest value. A component whose signal contribution stays within
/// <see cref="UniqueWithin"/> counts as unique. <see cref="Attempts"/>: further local searches from random transformations.
/// </summary>
public sealed record AmbiguityOptions
{
    public bool NonNegativeC { get; init; } = true;
    public bool NonNegativeS { get; init; } = true;
    public bool Closure { get; init; }
    public IReadOnlyList<int> KnownSpectra { get; init; } = [];
    public IReadOnlyList<int> KnownConcentrations { get; init; } = [];
    public double Tolerance { get; init; } = 1e-6;
    public double UniqueWithin { get; init; } = 0.01;
    public int Attempts { get; init; } = 1;
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// One end of a band: the signal contribution of the component there, its concentration (n values) and spectrum (m values), the transformation
/// (k x k, acting on concentrations scaled to a largest value of one) under which all components satisfy the constraints, and the most negative value
/// of any profile relative to that profile's largest.
/// </summary>
public sealed record BandEdge(
    double Contribution, IReadOnlyList<double> Concentration, IReadOnlyList<double> Spectrum, Matrix Transformation, double MostNegative);

/// <summary>The ends of the band of one component, and the <see cref="Contribution"/> of the solution they belong to.</summary>
public sealed record ComponentBand(double Contribution, BandEdge Minimum, BandEdge Maximum)
{
    /// <summary>The width of the band in parts of the whole signal.</summary>
    public double Width => Maximum.Contribution - Minimum.Contribution;
}

/// <summary>
/// How far the profiles of a bilinear solution C S can be turned into each other without changing the fit or breaking the constraints (MCR-BANDS:
/// Tauler, J. Chemometrics 15, 2001, 627; Gargallo, Tauler, Cuesta-Sanchez, Massart, Trends Anal. Chem. 15, 1996, 279; Jaumot and Tauler, Chemom.
/// Intell. Lab. Syst. 103, 2010, 96). For every component the signal contribution |c_k s_k'| / |C S| (Frobenius norms) is minimised and maximised
/// over transformations T of unit diagonal, C T and T^-1 S, under the constraints on all components. The searches are local, started at the
/// solution, at each other's ends and at random, so a band is at least as wide as given; its ends are solutions and can be shown.
/// Errors: <c>matrix_shape</c>, <c>component_count</c>, <c>zero_data</c>, <c>bands_options</c>, <c>bands_closure</c>, <c>bands_infeasible</c>.
/// </summary>
public sealed record AmbiguityBands(IReadOnlyList<ComponentBand> Components, bool Unique, string Summary)
{
    private const int MostComponents = 12;
    private const double MostSlack = 1e-2;

    /// <summary>The bands of C (n x k) and S (k x m).</summary>
    public static AmbiguityBands Of(Matrix c, Matrix s, AmbiguityOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(c);
        ArgumentNullException.ThrowIfNull(s);
        options ??= new AmbiguityOptions();
        Check(c, s, options);
        var components = s.Rows;
        var heights = Enumerable.Range(0, components).Select(a => TensorPrimitives.Max<double>(c.Column(a).Select(Math.Abs).ToArray())).ToArray();
        for (var a = 0; a < components; a++)
            if (heights[a] == 0 || TensorPrimitives.SumOfSquares(s.Row(a)) == 0)
                throw new NumericsException("zero_data", Text($"Component {a} is zero: leave it out before asking for its band."));
        var search = new TransformationSearch(c, s, heights, options);
        if (search.Slack > MostSlack)
            throw new NumericsException("bands_infeasible", Text(
                $"The solution itself breaks the sign conditions by {search.Slack:g3} of a profile's largest value."));

        var edges = search.Run(cancellation);
        var bands = new ComponentBand[components];
        for (var a = 0; a < components; a++)
            bands[a] = new ComponentBand(search.Contribution(a), Edge(c, s, heights, search, a, edges[2 * a]),
                Edge(c, s, heights, search, a, edges[2 * a + 1]));
        return new AmbiguityBands(bands, bands.All(band => band.Width <= options.UniqueWithin), Summarise(bands, options.UniqueWithin));
    }

    private static void Check(Matrix c, Matrix s, AmbiguityOptions options)
    {
        if (c.Columns != s.Rows) throw new NumericsException("matrix_shape", Text(
            $"{c.Columns} concentration profiles do not go with {s.Rows} spectra."));
        if (s.Rows > Math.Min(MostComponents, Math.Min(c.Rows, s.Columns)))
            throw new NumericsException("component_count", Text($"Bands are made for at most {MostComponents} components, not more than spectra."));
        if (!(options.Tolerance > 0) || !(options.UniqueWithin >= 0) || options.Attempts < 0)
            throw new NumericsException("bands_options", "The tolerance is above zero, the width of uniqueness and the attempts not below.");
        if (!options.NonNegativeC && !options.NonNegativeS)
            throw new NumericsException("bands_options", "Without sign conditions any profile can be turned into any other: there is no band.");
        if (options.KnownSpectra.Concat(options.KnownConcentrations).Any(index => index < 0 || index >= s.Rows))
            throw new NumericsException("bands_options", Text($"Known components are numbered from 0 to {s.Rows - 1}."));
        if (!options.Closure) return;
        var sums = Enumerable.Range(0, c.Rows).Select(row => TensorPrimitives.Sum(c.Row(row))).Where(sum => sum != 0).ToArray();
        if (sums.Length == 0 || sums.Max() - sums.Min() > 1e-6 * Math.Abs(sums.Max()))
            throw new NumericsException("bands_closure", "The concentrations of the solution do not sum to the same in every spectrum.");
    }

    private static BandEdge Edge(Matrix c, Matrix s, double[] heights, TransformationSearch search, int component, double[] transformation)
    {
        var components = heights.Length;
        var inverse = new double[components * components];
        if (!SmallInverse.TryInvert(transformation, components, inverse))
            throw new NumericsException("bands_infeasible", "A bounding transformation is singular.");
        var concentration = new double[c.Rows];
        for (var row = 0; row < c.Rows; row++)
            for (var a = 0; a < components; a++) concentration[row] += c[row, a] / heights[a] * transformation[a * components + component];
        var spectrum = new double[s.Columns];
        for (var a = 0; a < components; a++)
            TensorPrimitives.MultiplyAdd(s.Row(a), inverse[component * components + a] * heights[a], spectrum, spectrum);
        // Closed concentrations have their scale; else the spectrum keeps the length it has in the solution.
        var scale = search.ClosureScale(inverse, component) ?? TensorPrimitives.Norm<double>(spectrum) / TensorPrimitives.Norm(s.Row(component));
        TensorPrimitives.Multiply(concentration, scale, concentration);
        TensorPrimitives.Divide(spectrum, scale, spectrum);
        return new BandEdge(
            search.Contribution(transformation, inverse, component), concentration, spectrum,
            new Matrix(components, components, transformation), search.MostNegative(transformation, inverse));
    }

    private static string Summarise(ComponentBand[] bands, double uniqueWithin)
    {
        var wide = bands.Select((band, index) => (band, index)).Where(item => item.band.Width > uniqueWithin).ToArray();
        return wide.Length == 0
            ? Text($"Under these constraints the profiles are unique: no signal contribution can move by more than {100 * uniqueWithin:g3} % of the signal.")
            : "The profiles are not unique: without any change of the fit, "
                + string.Join(", ", wide.Select(item => Text(
                    $"component {item.index + 1} can make up {100 * item.band.Minimum.Contribution:f1} to {100 * item.band.Maximum.Contribution:f1} %")))
                + " of the signal. What is known of the profiles (closure, pure spectra, windows where a species is absent) narrows this.";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
