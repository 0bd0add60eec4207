using System.Text.Json.Serialization;

namespace Tutti.Reduction.Preparation;

/// <summary>Keeps the channels within a closed window of the axis, in its unit; null is open.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Cut(double? Low = null, double? High = null) : PreparationStep
{
    internal override void Check() => Require.Window(Low, High);

    internal override Applied Apply(Working work, References references)
    {
        var kept = work.Channels(Low, High, 2);
        return new Applied(
            work.With(work.Series.Axis with { Values = work.Axis[kept[0]..(kept[^1] + 1)] },
                (_, from, to) => from.Slice(kept[0], kept.Length).CopyTo(to), work.Errors?.SelectColumns(kept)),
            this);
    }
}

/// <summary>Keeps the spectra from <paramref name="First"/> to <paramref name="Last"/>, both included, counted from 0; null is the end.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CropSpectra(int First = 0, int? Last = null) : PreparationStep
{
    internal override void Check() => Require.Parameter(First >= 0 && !(Last < First), $"Spectra {First} to {Last} are no range.");

    internal override Applied Apply(Working work, References references)
    {
        var last = Last ?? work.Spectra - 1;
        Require.That(last < work.Spectra, "index_out_of_range", $"There is no spectrum {last} in {work.Spectra}.");
        Require.That(First <= last, "no_spectra_left", $"The step leaves none of {work.Spectra} spectra.");
        return new Applied(work.SelectSpectra([.. Enumerable.Range(First, last - First + 1)]), this with { Last = last });
    }
}

/// <summary>Leaves out the spectra with the given numbers, counted from 0.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DropSpectra(IReadOnlyList<int> Spectra) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Spectra is not null && Spectra.All(index => index >= 0), $"Spectra to drop are numbers from 0.");

    internal override Applied Apply(Working work, References references)
    {
        foreach (var index in Spectra) Require.That(index < work.Spectra, "index_out_of_range", $"There is no spectrum {index} in {work.Spectra}.");
        var dropped = Spectra.ToHashSet();
        return new Applied(work.SelectSpectra([.. Enumerable.Range(0, work.Spectra).Where(index => !dropped.Contains(index))]), this);
    }
}

/// <summary>Joins each <paramref name="Count"/> neighbouring spectra into their mean, or their sum as for counts; what is left over at the end is
/// joined too and warned of.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AverageNeighbours(int Count = 2, bool Sum = false) : PreparationStep
{
    internal override void Check() => Require.Parameter(Count >= 1, $"Neighbours are joined by one or more, not {Count}.");

    internal override Applied Apply(Working work, References references)
    {
        var groups = Enumerable.Range(0, work.Spectra).Chunk(Count).ToArray();
        return new Applied(work.Join(groups, Sum), this)
        {
            Warnings = groups[^1].Length == Count ? []
                : [new("last_group_short", Require.Text($"The last group has {groups[^1].Length} spectra instead of {Count}."))],
        };
    }
}

/// <summary>Joins the spectra of each group (numbers from 0) into their sum, or their mean; null joins all of the series into one.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MergeSpectra(IReadOnlyList<IReadOnlyList<int>>? Groups = null, bool Sum = true) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Groups is null || (Groups.Count > 0 && Groups.All(group => group is { Count: > 0 })), $"Each group names one spectrum or more.");

    internal override Applied Apply(Working work, References references)
    {
        IReadOnlyList<IReadOnlyList<int>> groups = Groups ?? [[.. Enumerable.Range(0, work.Spectra)]];
        foreach (var index in groups.SelectMany(group => group))
            Require.That(index >= 0 && index < work.Spectra, "index_out_of_range", $"There is no spectrum {index} in {work.Spectra}.");
        return new Applied(work.Join(groups, Sum), this with { Groups = groups });
    }
}
