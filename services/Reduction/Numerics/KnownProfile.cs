using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Values of a component's profile that are known beforehand, null where they are sought: a known spectrum, concentrations that are zero where a
/// species cannot be (selectivity, local rank), an equality. Hard (<paramref name="Weight"/> null): they hold exactly and the others are fitted
/// beside them, also after closure and constraints on whole profiles. Soft: the departure from them is penalised with the weight, relative to the component's own size in the fit; 1 weighs them as the
/// data. Of one component several may be given that know different values, one of them soft.
/// </summary>
public sealed record KnownProfile(int Component, IReadOnlyList<double?> Values, double? Weight = null)
{
    /// <summary>Softer than this nothing is drawn, and harder than <see cref="MostWeight"/> the normal equations lose the data: give hard values.</summary>
    public const double LeastWeight = 1e-9;

    /// <summary>The largest weight of soft values.</summary>
    public const double MostWeight = 1e9;

    /// <summary>The component is absent outside the given places.</summary>
    public static KnownProfile AbsentOutside(int component, int length, IEnumerable<Block> places)
    {
        var values = new double?[length];
        Array.Fill(values, 0);
        foreach (var place in places) Array.Clear(values, place.First, place.Count);
        return new KnownProfile(component, values);
    }

    /// <summary>Refuses profiles that do not fit the model or say two things of one value.</summary>
    internal static void Check(IReadOnlyList<KnownProfile> known, int components, int length)
    {
        foreach (var profile in known) profile.Check(components, length);
        foreach (var same in known.GroupBy(profile => profile.Component).Where(group => group.Skip(1).Any()))
        {
            if (same.Count(profile => profile.Weight is not null) > 1) throw Unfit($"with a weight is given twice for component {same.Key}");
            for (var place = 0; place < length; place++)
                if (same.Count(profile => profile.Values[place] is not null) > 1) throw Unfit($"for component {same.Key} gives a second value at {place}");
        }
    }

    private void Check(int components, int length)
    {
        if (Component < 0 || Component >= components) throw Unfit($"names component {Component} of {components}");
        if (Values.Count != length) throw Unfit($"has {Values.Count} values where the profile has {length}");
        if (Values.Any(value => value is { } known && !double.IsFinite(known))) throw Unfit($"has values that are not finite");
        if (Weight is { } weight && !(weight is >= LeastWeight and <= MostWeight)) throw Unfit($"has a weight of {weight}, which lies between {LeastWeight} and {MostWeight}");
    }

    private static NumericsException Unfit(FormattableString why) => new("constraint", $"A known profile {why.ToString(CultureInfo.InvariantCulture)}.");
}

/// <summary>All known values of one side, looked up by place.</summary>
internal sealed class KnownValues
{
    private readonly double[] values;
    private readonly uint[] hard, soft;
    private readonly double[] weights;
    private readonly int length, components;

    public KnownValues(IReadOnlyList<KnownProfile> known, int components, int length)
    {
        (this.components, this.length) = (components, length);
        (values, hard, soft, weights) = (new double[components * length], new uint[length], new uint[length], new double[components]);
        foreach (var profile in known)
        {
            if (profile.Weight is { } weight) weights[profile.Component] = weight;
            for (var place = 0; place < length; place++)
            {
                if (profile.Values[place] is not { } value) continue;
                values[profile.Component * length + place] = value;
                (profile.Weight is null ? hard : soft)[place] |= 1u << profile.Component;
            }
        }
    }

    /// <summary>Whether anything is known at the place.</summary>
    public bool At(int place) => (hard[place] | soft[place]) != 0;

    /// <summary>Writes what is known for certain into the profiles (component after component) at the places first to last, exclusive.</summary>
    public void Hold(Span<double> profiles, int first, int last)
    {
        for (var place = first; place < last; place++)
            for (var held = hard[place]; held != 0; held &= held - 1)
            {
                var component = System.Numerics.BitOperations.TrailingZeroCount(held);
                profiles[component * length + place] = values[component * length + place];
            }
    }

    /// <summary>What solves with one set of normal equations; belongs to one thread at a time.</summary>
    public sealed class Solver(KnownValues known)
    {
        private readonly Dictionary<uint, NonNegativeLeastSquares> penalised = [];
        private readonly double[] gram = new double[known.components * known.components];

        /// <summary>The normal equations that follow.</summary>
        public void SetGram(ReadOnlySpan<double> source)
        {
            source.CopyTo(gram);
            penalised.Clear();
        }

        /// <summary>The answer at one place that keeps the known values; <paramref name="rhs"/> is used up.</summary>
        public void Solve(NonNegativeLeastSquares plain, int place, Span<double> rhs, Span<double> answer, uint free)
        {
            var (components, length) = (known.components, known.length);
            var held = known.hard[place];
            var drawn = known.soft[place] & ~held;
            for (var j = 0; j < components; j++)
            {
                var value = known.values[j * length + place];
                if ((drawn >> j & 1) != 0) rhs[j] += known.weights[j] * gram[j * components + j] * value;
                if ((held >> j & 1) == 0) continue;
                for (var other = 0; other < components; other++) rhs[other] -= gram[other * components + j] * value;
            }
            (drawn == 0 ? plain : Penalised(drawn)).SolveSome(rhs, answer, ~held, free);
            for (var j = 0; j < components; j++)
                if ((held >> j & 1) != 0) answer[j] = known.values[j * length + place];
        }

        private NonNegativeLeastSquares Penalised(uint drawn)
        {
            if (penalised.TryGetValue(drawn, out var solver)) return solver;
            var raised = (double[])gram.Clone();
            for (var j = 0; j < known.components; j++)
                if ((drawn >> j & 1) != 0) raised[j * known.components + j] *= 1 + known.weights[j];
            penalised.Add(drawn, solver = new NonNegativeLeastSquares(known.components));
            solver.SetGram(raised);
            return solver;
        }
    }
}
