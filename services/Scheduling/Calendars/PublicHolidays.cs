using System.Globalization;
using System.Text.Json;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>A day on which the law of a country lets people rest.</summary>
public sealed record PublicHoliday(DateOnly Date, string Name);

/// <summary>
/// Public holidays by country, computed from <c>public-holidays.json</c>: fixed days and days counted from Easter, western or orthodox. Checked for 2026 to
/// 2030;
/// days moved by yearly decree, local patron saints and part-time closures are not in it, a calendar names those as closures.
/// </summary>
public static class PublicHolidays
{
    private static readonly Dictionary<string, IReadOnlyList<Rule>> rules = Load();

    /// <summary>Countries whose holidays are known, by two-letter code.</summary>
    public static IReadOnlyCollection<string> Countries => rules.Keys;

    /// <summary>Whether the holidays of a country are known.</summary>
    public static bool Knows(string country) => rules.ContainsKey(country);

    /// <summary>The holidays in [from, to), in order; two on one day are one with both names.</summary>
    /// <exception cref="KeyNotFoundException">Nothing is known of the country.</exception>
    public static IReadOnlyList<PublicHoliday> Between(string country, DateOnly from, DateOnly to) =>
        [.. Enumerable.Range(from.Year, Math.Max(0, to.Year - from.Year + 1))
            .SelectMany(year => rules[country].Where(rule => rule.FromYear is not { } first || first <= year)
                .Select(rule => new PublicHoliday(rule.On(year), rule.Name)))
            .Where(holiday => from <= holiday.Date && holiday.Date < to)
            .GroupBy(holiday => holiday.Date, (date, same) => new PublicHoliday(date, string.Join(", ", same.Select(holiday => holiday.Name))))
            .OrderBy(holiday => holiday.Date)];

    /// <summary>Easter Sunday of the western churches: the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).</summary>
    public static DateOnly Easter(int year)
    {
        var (a, b, c) = (year % 19, year / 100, year % 100);
        var h = ((19 * a) + b - (b / 4) - ((b - ((b + 8) / 25) + 1) / 3) + 15) % 30;
        var l = (32 + (2 * (b % 4)) + (2 * (c / 4)) - h - (c % 4)) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var days = h + l - (7 * m) + 114;
        return new DateOnly(year, days / 31, (days % 31) + 1);
    }

    /// <summary>Easter Sunday of the orthodox churches, as a date of our calendar: the Julian computus (Meeus, chapter 8).</summary>
    public static DateOnly OrthodoxEaster(int year)
    {
        var d = ((19 * (year % 19)) + 15) % 30;
        var e = ((2 * (year % 4)) + (4 * (year % 7)) - d + 34) % 7;
        var days = d + e + 114;
        return DateOnly.FromDateTime(new JulianCalendar().ToDateTime(year, days / 31, (days % 31) + 1, 0, 0, 0, 0));
    }

    private static Dictionary<string, IReadOnlyList<Rule>> Load()
    {
        using var file = typeof(PublicHolidays).Assembly.GetManifestResourceStream("Tutti.Scheduling.Calendars.public-holidays.json")
            ?? throw new InvalidDataException("The public holidays are not in the assembly.");
        var book = JsonSerializer.Deserialize<Book>(file, Json.Strict) ?? throw new InvalidDataException("The public holidays are null.");
        return book.Countries.ToDictionary(country => country.Code, country => country.Days);
    }

    private sealed record Book(string Source, IReadOnlyList<Country> Countries);

    private sealed record Country(string Code, string Law, IReadOnlyList<Rule> Days);

    private sealed record Rule(string Name, int? Month = null, int? Day = null, int? Easter = null, int? OrthodoxEaster = null, int? FromYear = null)
    {
        public DateOnly On(int year) => this switch
        {
            { Month: { } month, Day: { } day } => new DateOnly(year, month, day),
            { Easter: { } days } => PublicHolidays.Easter(year).AddDays(days),
            { OrthodoxEaster: { } days } => PublicHolidays.OrthodoxEaster(year).AddDays(days),
            _ => throw new InvalidDataException($"Nobody has said when {Name} is."),
        };
    }
}
