using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The half steps by normal equations, with one pass over D per iteration: of each block of spectra, while it is in the cache, the products with S,
/// the concentrations, and the part of C'D and C'C. With a basis (R x m) the data are scores (n x R): D is then their product, and nothing of its
/// size is touched. Weights belong to whole spectra and whole channels.
/// </summary>
internal sealed class FusedFit : AlternatingFit
{
    // What a block of spectra may take of the second-level cache.
    private const int BytesPerBlock = 384 << 10;
    private const int MostSpectraPerBlock = 512;

    // Below this part of |D|^2 the difference of large sums would lose digits of the rest, and the rest is taken from D itself.
    private const double DirectBelow = 4e-6;

    private readonly DataMatrix data;
    private readonly Matrix? basis;
    private readonly int components, channels, spectraPerBlock;
    private readonly RowRanges ranges;
    private readonly Room[] rooms;
    private readonly double[]? spectrumWeights, channelWeights;
    private readonly double[] gramC, gramS, cross, seen;
    private readonly ProfileSide.Worker spectraWorker;
    private bool accumulated;

    public FusedFit(DataMatrix data, Matrix? basis, int components, McrOptions options, ProfileSide concentrations, ProfileSide spectra, CancellationToken cancellation)
        : base(concentrations, spectra)
    {
        (this.data, this.basis, this.components) = (data, basis, components);
        channels = spectra.Length;
        (spectrumWeights, channelWeights) = (options.SpectrumWeights?.ToArray(), options.ChannelWeights?.ToArray());
        ranges = new RowRanges(data.Rows, data.Count, options.Threads);
        var bytes = data.Columns * (data.IsSingle ? sizeof(float) : sizeof(double));
        spectraPerBlock = Math.Clamp(BytesPerBlock / bytes, 8, MostSpectraPerBlock);
        rooms = [.. Enumerable.Range(0, ranges.Count).Select(_ => new Room(components, data.Columns, spectraPerBlock, concentrations.NewWorker()))];
        (gramC, gramS) = (new double[components * components], new double[components * components]);
        cross = new double[components * channels];
        seen = basis is null && channelWeights is null ? [] : new double[components * data.Columns];
        spectraWorker = spectra.NewWorker();
        TotalSquares = spectrumWeights is null && channelWeights is null ? data.SumOfSquares(cancellation) : WeightedSquares(cancellation);
    }

    public override double TotalSquares { get; }

    public override int FitConcentrations(double[] s, double[] c, bool final, CancellationToken cancellation)
    {
        var against = Seen(s);
        Products(s, channelWeights, s, gramS);
        accumulated = final;
        ranges.ForEach(
            range =>
            {
                var room = rooms[range];
                room.Clear();
                room.Worker.SetGram(gramS);
                if (data.IsSingle) Sweep<float>(range, room, against, c, final, cancellation);
                else Sweep<double>(range, room, against, c, final, cancellation);
            },
            cancellation);
        return rooms.Sum(room => room.Open);
    }

    public override void FitSpectra(double[] c, double[] s, CancellationToken cancellation)
    {
        if (!accumulated)
            ranges.ForEach(
                range =>
                {
                    rooms[range].Clear();
                    for (var top = ranges.First(range); top < ranges.First(range + 1) && !cancellation.IsCancellationRequested; top += spectraPerBlock)
                    {
                        var end = Math.Min(top + spectraPerBlock, ranges.First(range + 1));
                        if (data.IsSingle) Add<float>(rooms[range], top, end, c);
                        else Add<double>(rooms[range], top, end, c);
                    }
                },
                cancellation);
        accumulated = false;
        Collect();
        spectraWorker.SetGram(gramC);
        Spectra.Solve(spectraWorker, cross, channels, 0, channels, s, close: false);
    }

    public override double SquaresLeft(double[] c, double[] s, CancellationToken cancellation)
    {
        Products(s, channelWeights, s, gramS);
        var along = 0.0;
        if (channelWeights is null) along = TensorPrimitives.Dot<double>(cross, s);
        else
            for (var j = 0; j < components; j++)
                for (var channel = 0; channel < channels; channel++)
                    along += channelWeights[channel] * cross[j * channels + channel] * s[j * channels + channel];
        var left = TotalSquares - 2 * along + TensorPrimitives.Dot<double>(gramC, gramS);
        return left > DirectBelow * TotalSquares || double.IsNaN(left) ? left : ModelResidual.Squares(data, basis, c, s, components, spectrumWeights, channelWeights, ranges, cancellation);
    }

    private void Sweep<TData>(int range, Room room, double[] against, double[] c, bool final, CancellationToken cancellation)
        where TData : unmanaged
    {
        var last = ranges.First(range + 1);
        for (var top = ranges.First(range); top < last && !cancellation.IsCancellationRequested; top += spectraPerBlock)
        {
            var end = Math.Min(top + spectraPerBlock, last);
            var block = data.Read<TData>(top, end - top);
            for (var spectrum = 0; spectrum < end - top; spectrum += FusedKernels.SpectraAtOnce)
                FusedKernels.Products(
                    block[(spectrum * data.Columns)..], data.Columns, Math.Min(FusedKernels.SpectraAtOnce, end - top - spectrum), against, components,
                    room.Products, spectraPerBlock, spectrum);
            room.Open += Concentrations.Solve(room.Worker, room.Products, spectraPerBlock, top, end - top, c, close: final);
            if (final) Add<TData>(room, top, end, c);
        }
    }

    private void Add<TData>(Room room, int top, int end, double[] c)
        where TData : unmanaged
    {
        var (count, stride, position, weighted) = (end - top, data.Rows, top, c);
        if (spectrumWeights is not null)
        {
            for (var j = 0; j < components; j++)
                TensorPrimitives.Multiply<double>(c.AsSpan(j * data.Rows + top, count), spectrumWeights.AsSpan(top, count), room.Products.AsSpan(j * spectraPerBlock, count));
            (stride, position, weighted) = (spectraPerBlock, 0, room.Products);
        }
        var block = data.Read<TData>(top, count);
        for (var spectrum = 0; spectrum < count; spectrum += FusedKernels.SpectraAtOnce)
            FusedKernels.Accumulate(
                block[(spectrum * data.Columns)..], data.Columns, Math.Min(FusedKernels.SpectraAtOnce, count - spectrum), weighted, stride, position + spectrum,
                components, room.Cross);
        for (var a = 0; a < components; a++)
            for (var b = 0; b <= a; b++)
                room.Gram[a * components + b] += TensorPrimitives.Dot<double>(weighted.AsSpan(a * stride + position, count), c.AsSpan(b * data.Rows + top, count));
    }

    private void Collect()
    {
        var sums = basis is null ? cross : seen;
        Array.Clear(sums);
        Array.Clear(gramC);
        foreach (var room in rooms)
        {
            TensorPrimitives.Add(sums, room.Cross, sums);
            TensorPrimitives.Add(gramC, room.Gram, gramC);
        }
        for (var a = 0; a < components; a++)
            for (var b = 0; b < a; b++)
                gramC[b * components + a] = gramC[a * components + b];
        if (basis is null) return;
        Array.Clear(cross);
        for (var j = 0; j < components; j++)
            for (var score = 0; score < basis.Rows; score++)
                TensorPrimitives.MultiplyAdd(basis.Row(score), sums[j * data.Columns + score], cross.AsSpan(j * channels, channels), cross.AsSpan(j * channels, channels));
    }

    // S as the rows of the data meet it: in the basis, or weighted.
    private double[] Seen(double[] s)
    {
        if (seen.Length == 0) return s;
        for (var j = 0; j < components; j++)
        {
            var spectrum = s.AsSpan(j * channels, channels);
            if (basis is null) TensorPrimitives.Multiply<double>(spectrum, channelWeights, seen.AsSpan(j * channels, channels));
            else
                for (var score = 0; score < data.Columns; score++)
                    seen[j * data.Columns + score] = score < basis.Rows ? TensorPrimitives.Dot(basis.Row(score), spectrum) : 0;
        }
        return seen;
    }

    private void Products(double[] left, double[]? weights, double[] right, double[] gram)
    {
        Span<double> weighted = weights is null ? [] : new double[channels];
        for (var a = 0; a < components; a++)
        {
            ReadOnlySpan<double> row = left.AsSpan(a * channels, channels);
            if (weights is not null)
            {
                TensorPrimitives.Multiply(row, weights, weighted);
                row = weighted;
            }
            for (var b = 0; b <= a; b++)
                gram[a * components + b] = gram[b * components + a] = TensorPrimitives.Dot(row, right.AsSpan(b * channels, channels));
        }
    }

    private double WeightedSquares(CancellationToken cancellation)
    {
        var sum = 0.0;
        var row = new double[data.Columns];
        for (var spectrum = 0; spectrum < data.Rows; spectrum++)
        {
            if (spectrum % 64 == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(spectrum, 1, row);
            TensorPrimitives.Multiply(row, row, row);
            sum += (spectrumWeights?[spectrum] ?? 1) * (channelWeights is null ? TensorPrimitives.Sum<double>(row) : TensorPrimitives.Dot<double>(row, channelWeights));
        }
        return sum;
    }

    /// <summary>What one range of spectra adds up.</summary>
    private sealed class Room(int components, int columns, int spectraPerBlock, ProfileSide.Worker worker)
    {
        public double[] Cross { get; } = new double[components * columns];
        public double[] Gram { get; } = new double[components * components];
        public double[] Products { get; } = new double[components * spectraPerBlock];
        public ProfileSide.Worker Worker => worker;
        public int Open { get; set; }

        public void Clear()
        {
            Array.Clear(Cross);
            Array.Clear(Gram);
            Open = 0;
        }
    }
}
