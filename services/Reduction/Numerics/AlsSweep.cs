using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// One pass over D: for every spectrum the residual of the model so far, its new concentrations, and its part of C'D and C'C. The rows are cut into
/// ranges by the shape of D alone and their sums are added in the order of the rows, so the number of threads changes no bit of the result.
/// </summary>
internal sealed class AlsSweep
{
    private const int SpectraPerBlock = 32;
    private const int SpectraPerRange = 64;
    private const int MaxRanges = 16;
    private const int ValuesWorthThreads = 100_000;

    private readonly Matrix data;
    private readonly int components;
    private readonly McrOptions options;
    private readonly Range[] ranges;
    private readonly uint[] passive;
    private readonly ParallelOptions parallel;

    public AlsSweep(Matrix data, int components, McrOptions options)
    {
        (this.data, this.components, this.options) = (data, components, options);
        var count = Math.Clamp(data.Rows / SpectraPerRange, 1, MaxRanges);
        ranges = [.. Enumerable.Range(0, count).Select(index => new Range(
            (int)((long)data.Rows * index / count), (int)((long)data.Rows * (index + 1) / count), data.Columns, components))];
        passive = ranges[0].Solver.FirstGuess(data.Rows);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = data.Values.Length < ValuesWorthThreads ? 1 : options.Threads };
        CrossProducts = new double[components * data.Columns];
        Gram = new double[components * components];
    }

    /// <summary>C'D of the last pass, components x channels.</summary>
    public double[] CrossProducts { get; }

    /// <summary>C'C of the last pass.</summary>
    public double[] Gram { get; }

    /// <summary>Spectra that the closure could not close in the last pass.</summary>
    public int OpenSpectra { get; private set; }

    /// <summary>
    /// Given S (and its Gram matrix), fills <paramref name="next"/> with the constrained C and returns |D - previous S|^2. All C are components x
    /// spectra.
    /// </summary>
    public double Run(double[] spectra, double[] spectraGram, double[] previous, double[] next, CancellationToken cancellation)
    {
        ForEachRange(range => Sweep(range, spectra, spectraGram, previous, next, cancellation));
        cancellation.ThrowIfCancellationRequested();
        Collect();
        OpenSpectra = ranges.Sum(range => range.Open);
        return ranges.Sum(range => range.Squares);
    }

    /// <summary>|D - C S|^2 alone.</summary>
    public double Residual(double[] spectra, double[] concentrations, CancellationToken cancellation)
    {
        ForEachRange(range =>
        {
            range.Squares = 0;
            for (var top = range.First; top < range.Last && !cancellation.IsCancellationRequested; top += SpectraPerBlock)
                Products(range, top, Math.Min(top + SpectraPerBlock, range.Last), spectra, concentrations);
        });
        cancellation.ThrowIfCancellationRequested();
        return ranges.Sum(range => range.Squares);
    }

    /// <summary>C'D and C'C for given C.</summary>
    public void Accumulate(double[] concentrations, CancellationToken cancellation)
    {
        ForEachRange(range =>
        {
            range.Clear();
            for (var top = range.First; top < range.Last && !cancellation.IsCancellationRequested; top += SpectraPerBlock)
                Add(range, top, Math.Min(top + SpectraPerBlock, range.Last), concentrations);
        });
        cancellation.ThrowIfCancellationRequested();
        Collect();
    }

    private void ForEachRange(Action<Range> work)
    {
        if (parallel.MaxDegreeOfParallelism == 1 || ranges.Length == 1)
            foreach (var range in ranges) work(range);
        else
            Parallel.ForEach(ranges, parallel, work);
    }

    private void Sweep(Range range, double[] spectra, double[] spectraGram, double[] previous, double[] next, CancellationToken cancellation)
    {
        range.Clear();
        range.Solver.SetGram(spectraGram);
        for (var top = range.First; top < range.Last; top += SpectraPerBlock)
        {
            if (cancellation.IsCancellationRequested) return;
            var end = Math.Min(top + SpectraPerBlock, range.Last);
            Products(range, top, end, spectra, previous);
            if (options.NonNegativeC)
                range.Solver.Solve(range.Products, SpectraPerBlock, next.AsSpan(top), data.Rows, passive.AsSpan(top), end - top);
            else
                range.Solver.SolveUnconstrained(range.Products, SpectraPerBlock, next.AsSpan(top), data.Rows, end - top);
            if (options.Closure is { } closure) range.Open += closure.ApplyTo(next, data.Rows, top, end, components);
            Add(range, top, end, next);
        }
    }

    private void Products(Range range, int top, int end, double[] spectra, double[] previous)
    {
        for (var spectrum = top; spectrum < end; spectrum += 2)
            range.Squares += FusedKernels.ProductsAndResidual(
                data.Values, data.Columns, spectrum, spectrum + 1 < end, spectra, components, previous, data.Rows, spectrum,
                range.Products, SpectraPerBlock, spectrum - top, range.LeftOver);
    }

    private void Add(Range range, int top, int end, double[] concentrations)
    {
        for (var spectrum = top; spectrum < end; spectrum += 4)
            FusedKernels.Accumulate(
                data.Values, data.Columns, spectrum, Math.Min(4, end - spectrum), concentrations, data.Rows, spectrum, components,
                    range.CrossProducts);
        for (var a = 0; a < components; a++)
            for (var b = 0; b <= a; b++)
                range.Gram[a * components + b] += TensorPrimitives.Dot<double>(
                    concentrations.AsSpan(a * data.Rows + top, end - top), concentrations.AsSpan(b * data.Rows + top, end - top));
    }

    private void Collect()
    {
        Array.Clear(CrossProducts);
        Array.Clear(Gram);
        foreach (var range in ranges)
        {
            TensorPrimitives.Add(CrossProducts, range.CrossProducts, CrossProducts);
            TensorPrimitives.Add(Gram, range.Gram, Gram);
        }
        for (var a = 0; a < components; a++)
            for (var b = 0; b < a; b++)
                Gram[b * components + a] = Gram[a * components + b];
    }

    private sealed class Range(int first, int last, int channels, int components)
    {
        public int First => first;
        public int Last => last;
        public double[] CrossProducts { get; } = new double[components * channels];
        public double[] Gram { get; } = new double[components * components];
        public double[] Products { get; } = new double[components * SpectraPerBlock];
        public double[] LeftOver { get; } = new double[2 * channels];
        public NonNegativeLeastSquares Solver { get; } = new(components);
        public double Squares { get; set; }
        public int Open { get; set; }

        public void Clear()
        {
            Array.Clear(CrossProducts);
            Array.Clear(Gram);
            (Squares, Open) = (0, 0);
        }
    }
}
