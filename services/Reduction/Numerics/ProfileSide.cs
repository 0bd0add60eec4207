namespace Tutti.Reduction.Numerics;

/// <summary>One side of the model, the concentrations over the spectra or the spectra over the channels: which signs its profiles may have, what is
/// known of them, and how a half step is solved for them.</summary>
internal sealed class ProfileSide
{
    private readonly Segment[] segments;
    private readonly KnownValues? known;
    private readonly int components;
    private readonly bool zeroed;

    public ProfileSide(
        int components, int length, IReadOnlyList<Block> blocks, bool nonNegative, IReadOnlyList<SignFree> signFree, IReadOnlyList<KnownProfile> knownProfiles,
        Regressor regressor, Closure? closure)
    {
        (this.components, Length, Blocks, zeroed) = (components, length, blocks, regressor == Regressor.ZeroedLeastSquares);
        Passive = new uint[length];
        var all = components == 32 ? uint.MaxValue : (1u << components) - 1;
        Array.Fill(Passive, all);
        foreach (var exception in signFree)
            if (exception.Component < 0 || exception.Component >= components || exception.Blocks?.Any(block => block < 0 || block >= blocks.Count) == true)
                throw new NumericsException("constraint", "A sign exception names a component or block that is not there.");
        known = knownProfiles.Count == 0 ? null : new KnownValues(knownProfiles, components, length);
        List<Segment> joined = [];
        for (var number = 0; number < blocks.Count; number++)
        {
            var free = nonNegative
                ? signFree.Where(exception => exception.Blocks?.Contains(number) ?? true).Aggregate(0u, (mask, exception) => mask | 1u << exception.Component)
                : all;
            var segment = new Segment(blocks[number].First, blocks[number].Count, free, closure?.Blocks?.Contains(number) ?? closure is not null);
            if (joined.Count > 0 && joined[^1] is var last && last.Free == free && last.Closed == segment.Closed)
                joined[^1] = last with { Count = last.Count + segment.Count };
            else
                joined.Add(segment);
        }
        segments = [.. joined];
        Closure = closure;
        All = all;
    }

    public int Length { get; }
    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>Passive sets of the last solution: the first guess of the next.</summary>
    public uint[] Passive { get; }

    private Closure? Closure { get; }
    private uint All { get; }

    /// <summary>What a thread needs to solve; one each.</summary>
    public Worker NewWorker() => new(components, known);

    /// <summary>
    /// Solves the places first .. first + count from right sides at <c>rhs[component * stride + place - first]</c> into <paramref name="profiles"/>
    /// (component after component); says how many could not be closed.
    /// </summary>
    public int Solve(Worker worker, ReadOnlySpan<double> rhs, int stride, int first, int count, Span<double> profiles, bool close)
    {
        var open = 0;
        foreach (var segment in segments)
        {
            var (begin, end) = (Math.Max(first, segment.First), Math.Min(first + count, segment.First + segment.Count));
            if (begin >= end) continue;
            var shift = begin - first;
            worker.Plain.Solve(
                rhs[shift..], stride, profiles[begin..], Length, Passive.AsSpan(begin, end - begin), end - begin, zeroed ? All : segment.Free);
            if (known is not null) KeepKnown(worker, rhs[shift..], stride, begin, end, profiles, zeroed ? All : segment.Free);
            if (zeroed) Zero(profiles, begin, end, segment.Free);
            if (close && segment.Closed && Closure is { } closure) open += closure.ApplyTo(profiles, Length, begin, end, components);
            known?.Hold(profiles, begin, end);
        }
        return open;
    }

    /// <summary>What constraints on whole profiles may have broken: signs first, then the closure, and what is known for certain above all. Says how
    /// many could not be closed.</summary>
    public int Restore(Span<double> profiles)
    {
        var open = 0;
        foreach (var segment in segments)
        {
            Zero(profiles, segment.First, segment.First + segment.Count, segment.Free);
            if (segment.Closed && Closure is { } closure)
                open += closure.ApplyTo(profiles, Length, segment.First, segment.First + segment.Count, components);
            known?.Hold(profiles, segment.First, segment.First + segment.Count);
        }
        return open;
    }

    private void KeepKnown(Worker worker, ReadOnlySpan<double> rhs, int stride, int begin, int end, Span<double> profiles, uint free)
    {
        if (known is null || worker.Known is not { } solver) return;
        Span<double> right = stackalloc double[components];
        Span<double> answer = stackalloc double[components];
        for (var place = begin; place < end; place++)
        {
            if (!known.At(place)) continue;
            for (var j = 0; j < components; j++) right[j] = rhs[j * stride + place - begin];
            solver.Solve(worker.Plain, place, right, answer, free);
            for (var j = 0; j < components; j++) profiles[j * Length + place] = answer[j];
        }
    }

    private void Zero(Span<double> profiles, int begin, int end, uint free)
    {
        for (var j = 0; j < components; j++)
            if ((free >> j & 1) == 0)
            {
                var part = profiles.Slice(j * Length + begin, end - begin);
                System.Numerics.Tensors.TensorPrimitives.Max(part, 0, part);
            }
    }

    private sealed record Segment(int First, int Count, uint Free, bool Closed);

    /// <summary>The solvers of one thread.</summary>
    internal sealed class Worker(int components, KnownValues? known)
    {
        public NonNegativeLeastSquares Plain { get; } = new(components);
        public KnownValues.Solver? Known { get; } = known is null ? null : new KnownValues.Solver(known);

        /// <summary>The normal equations (k x k) of what follows.</summary>
        public void SetGram(ReadOnlySpan<double> gram)
        {
            Plain.SetGram(gram);
            Known?.SetGram(gram);
        }
    }
}
