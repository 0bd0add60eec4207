using Tutti.Scheduling.Calendars;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class Public_holidays
{
    private static DateOnly Date(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Dates of Easter as the churches publish them.</summary>
    [Theory]
    [InlineData("2026-04-05", "2026-04-12")]
    [InlineData("2027-03-28", "2027-05-02")]
    [InlineData("2028-04-16", "2028-04-16")]
    [InlineData("2029-04-01", "2029-04-08")]
    [InlineData("2030-04-21", "2030-04-28")]
    [InlineData("2038-04-25", "2038-04-25")]
    [InlineData("2008-03-23", "2008-04-27")]
    public void Move_with_Easter_of_the_western_and_of_the_orthodox_churches(string western, string orthodox) =>
        Assert.Equal((Date(western), Date(orthodox)), (PublicHolidays.Easter(Date(western).Year), PublicHolidays.OrthodoxEaster(Date(orthodox).Year)));

    [Theory]
    [InlineData("AT", "01-01 01-06 03-29 05-01 05-06 05-17 05-27 08-15 10-26 11-01 12-08 12-25 12-26")]
    [InlineData("CZ", "01-01 03-26 03-29 05-01 05-08 07-05 07-06 09-28 10-28 11-17 12-24 12-25 12-26")]
    [InlineData("HR", "01-01 01-06 03-28 03-29 05-01 05-27 05-30 06-22 08-05 08-15 11-01 11-18 12-25 12-26")]
    [InlineData("HU", "01-01 03-15 03-26 03-28 03-29 05-01 05-16 05-17 08-20 10-23 11-01 12-25 12-26")]
    [InlineData("IT", "01-01 01-06 03-28 03-29 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26")]
    [InlineData("PL", "01-01 01-06 03-28 03-29 05-01 05-03 05-16 05-27 08-15 11-01 11-11 12-24 12-25 12-26")]
    [InlineData("RO", "01-01 01-02 01-06 01-07 01-24 04-30 05-01 05-02 05-03 06-01 06-20 06-21 08-15 11-30 12-01 12-25 12-26")]
    [InlineData("SI", "01-01 01-02 02-08 03-28 03-29 04-27 05-01 05-02 05-16 06-25 08-15 10-31 11-01 12-25 12-26")]
    public void Of_2027_are_those_of_each_countrys_law(string country, string days) =>
        Assert.Equal(days.Split(' '), PublicHolidays.Between(country, new(2027, 1, 1), new(2028, 1, 1))
            .Select(holiday => holiday.Date.ToString("MM-dd", System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Are_known_for_every_country_of_the_catalogues_sites_and_each_day_once()
    {
        Assert.Equal(["AT", "CZ", "HR", "HU", "IT", "PL", "RO", "SI"], PublicHolidays.Countries.Order(StringComparer.Ordinal));
        foreach (var country in PublicHolidays.Countries)
            for (var year = 2026; year <= 2030; year++)
            {
                var days = PublicHolidays.Between(country, new(year, 1, 1), new(year + 1, 1, 1));
                Assert.InRange(days.Count, 11, 17);
                Assert.Equal(days.Count, days.DistinctBy(holiday => holiday.Date).Count());
                Assert.Contains(days, holiday => holiday.Date == new DateOnly(year, 12, 25));
                Assert.Equal(days, PublicHolidays.Between(country, new(year - 1, 1, 1), new(year + 2, 1, 1)).Where(holiday => holiday.Date.Year == year));
            }
        Assert.False(PublicHolidays.Knows("XX"));
        Assert.Throws<KeyNotFoundException>(() => PublicHolidays.Between("XX", new(2027, 1, 1), new(2028, 1, 1)));
    }

    [Fact]
    public void That_fall_on_one_day_are_one_with_both_names()
    {
        // 2026: the orthodox Whit Monday is the Day of Children.
        var both = Assert.Single(PublicHolidays.Between("RO", new(2026, 6, 1), new(2026, 6, 2)));
        Assert.Equal("Children's Day, Orthodox Whit Monday", both.Name);
    }

    [Fact]
    public void Count_from_the_year_of_their_law()
    {
        Assert.Contains(PublicHolidays.Between("IT", new(2026, 10, 4), new(2026, 10, 5)), holiday => holiday.Name == "St Francis of Assisi");
        Assert.Empty(PublicHolidays.Between("IT", new(2025, 10, 4), new(2025, 10, 5)));
    }
}
