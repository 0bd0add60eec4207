using System.Globalization;

namespace Tutti.Scheduling.Calendars;

/// <summary>What an instrument needs between two experiments: time to be prepared and cleaned, and to be changed from one mode of work to another.</summary>
public sealed record SetUp
{
    private const int MostMinutes = 14 * 24 * 60, MostPercent = 1000, Grid = 15;
    private static readonly string[] modes = ["ex-situ", "in-situ", "operando"];

    /// <summary>Nothing was told: one experiment may follow another at once.</summary>
    public static SetUp None { get; } = new();

    /// <summary>Minutes before an experiment, where there was another one.</summary>
    public int PreparationMinutes { get; init; }

    /// <summary>Minutes after an experiment, where another one follows.</summary>
    public int CleaningMinutes { get; init; }

    /// <summary>Further minutes from an experiment in one mode to the next in another; what is not listed takes none.</summary>
    public IReadOnlyList<ChangeOfMode> Changes { get; init; } = [];

    /// <summary>Everything in it that makes no sense, at once.</summary>
    public IReadOnlyList<CalendarError> Validate()
    {
        List<CalendarError> errors = [];
        foreach (var minutes in Changes.Select(change => change.Minutes).Append(PreparationMinutes).Append(CleaningMinutes))
            if (minutes is < 0 or > MostMinutes || minutes % Grid > 0) errors.Add(new("minutes", string.Create(CultureInfo.InvariantCulture, $"{minutes}: whole quarters of an hour, at most 14 days")));
        foreach (var change in Changes)
            if (!modes.Contains(change.From) || !modes.Contains(change.To) || change.From == change.To)
                errors.Add(new("mode", $"{change.From} to {change.To}: two different ones of {string.Join(", ", modes)}"));
            else if (change.CostPercent is < 0 or > MostPercent) errors.Add(new("cost", $"{change.From} to {change.To}: 0 to {MostPercent} %"));
        foreach (var twice in Changes.GroupBy(change => (change.From, change.To)).Where(same => same.Count() > 1)) errors.Add(new("change-twice", $"{twice.Key.From} to {twice.Key.To}"));
        if (errors.Count > 0) return errors;
        var detours = from change in Changes from via in modes where change.Minutes > MinutesBetween(change.From, via) + MinutesBetween(via, change.To)
                      select new CalendarError("detour", $"{change.From} to {change.To} takes longer than by way of {via}");
        return [.. detours];
    }

    /// <summary>Minutes from one mode to another, beside cleaning and preparation.</summary>
    public int MinutesBetween(string from, string to) => Changes.FirstOrDefault(change => change.From == from && change.To == to)?.Minutes ?? 0;
}

/// <summary>A change of mode: ex-situ, in-situ or operando.</summary>
/// <param name="CostPercent">What it is worth to avoid it, in percent of a shift of a required experiment with a grade of 50.</param>
public sealed record ChangeOfMode(string From, string To, int Minutes, int CostPercent = 0);
