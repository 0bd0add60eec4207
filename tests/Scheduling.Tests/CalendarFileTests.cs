using System.Globalization;
using System.Text;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class A_calendar_file
{
    private static readonly TimeZoneInfo rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");
    private static readonly LocalInterval spring = new(new(2027, 1, 1), new(2027, 7, 1));

    private static string File(params string[] lines) =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n{string.Join("\r\n", lines)}\r\nEND:VCALENDAR\r\n";

    private static string Event(params string[] lines) => $"BEGIN:VEVENT\r\nDTSTAMP:20270101T000000Z\r\n{string.Join("\r\n", lines)}\r\nEND:VEVENT";

    private static FileContent Read(string text, bool outward = true) => CalendarFileReader.Read(text, rome, spring, outward);

    private static List<string> Times(string text) =>
        [.. Read(text).Entries.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Time.From:MM-dd HH:mm}/{entry.Time.To:MM-dd HH:mm}"))];

    private static RuleViolation Refused(string text) => Assert.Throws<RuleViolation>(() => Read(text));

    [Fact]
    public void Tells_whole_days_floating_times_utc_and_other_zones_on_the_sites_clock() => Assert.Equal(
        ["03-01 00:00/03-03 00:00", "03-05 09:00/03-05 17:00", "03-06 10:00/03-06 12:00", "03-07 09:00/03-07 10:00", "03-08 09:00/03-08 10:00", "03-09 08:00/03-09 09:30", "04-01 00:00/04-02 00:00"],
        Times(File(
            Event("UID:days", "DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270303"),
            Event("UID:day", "DTSTART;VALUE=DATE:20270401"),
            Event("UID:floating", "DTSTART:20270305T090000", "DTEND:20270305T170000"),
            Event("UID:utc", "DTSTART:20270306T090000Z", "DTEND:20270306T110000Z"),
            Event("UID:london", "DTSTART;TZID=Europe/London:20270307T080000", "DURATION:PT1H"),
            Event("UID:windows", "DTSTART;TZID=W. Europe Standard Time:20270308T090000", "DTEND;TZID=W. Europe Standard Time:20270308T100000"),
            Event("UID:rome", "DTSTART;TZID=Europe/Rome:20270309T080000", "DTEND;TZID=Europe/Rome:20270309T093000"))));

    [Fact]
    public void Repeats_with_exceptions_moved_and_cancelled_occurrences_and_further_dates()
    {
        var text = File(
            Event("UID:weekly", "DTSTART;TZID=Europe/Rome:20270301T080000", "DTEND;TZID=Europe/Rome:20270301T120000", "RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE;TZID=Europe/Rome:20270308T080000", "RDATE;TZID=Europe/Rome:20270501T080000"),
            Event("UID:weekly", "RECURRENCE-ID;TZID=Europe/Rome:20270315T080000", "DTSTART;TZID=Europe/Rome:20270316T140000", "DTEND;TZID=Europe/Rome:20270316T150000"),
            Event("UID:weekly", "RECURRENCE-ID;TZID=Europe/Rome:20270322T080000", "DTSTART;TZID=Europe/Rome:20270322T080000", "DTEND;TZID=Europe/Rome:20270322T120000", "STATUS:CANCELLED"));
        // Over the change of the clocks at the end of March the event stays at eight.
        Assert.Equal(["03-01 08:00/03-01 12:00", "03-16 14:00/03-16 15:00", "03-29 08:00/03-29 12:00", "04-05 08:00/04-05 12:00", "05-01 08:00/05-01 12:00"],
            Times(text));
        Assert.Equal(new SkippedEntry("weekly", "ics.cancelled"), Assert.Single(Read(text).Skipped));
    }

    [Fact]
    public void Repeats_whole_days_without_end_as_far_as_is_asked()
    {
        var days = Read(File(Event("UID:monday", "DTSTART;VALUE=DATE:20200106", "RRULE:FREQ=WEEKLY;BYDAY=MO"))).Entries;
        Assert.Equal(26, days.Count);
        Assert.All(days, day => Assert.Equal((DayOfWeek.Monday, 1), (day.Time.From.DayOfWeek, (int)(day.Time.To - day.Time.From).TotalDays)));
    }

    [Fact]
    public void That_is_a_cancellation_or_holds_cancelled_entries_gives_none_of_them_but_names_them()
    {
        var cancelled = Read(File(Event("UID:gone", "DTSTART;VALUE=DATE:20270301", "STATUS:CANCELLED"), Event("UID:there", "DTSTART;VALUE=DATE:20270302")));
        Assert.Equal("there", Assert.Single(cancelled.Entries).Uid);
        Assert.Equal(["gone", "there"], cancelled.Uids.Order(StringComparer.Ordinal));
        var all = Read(File("METHOD:CANCEL", Event("UID:gone", "DTSTART;VALUE=DATE:20270301")));
        Assert.Empty(all.Entries);
        Assert.Contains("gone", all.Uids);
    }

    [Fact]
    public void Gives_what_began_before_the_time_and_reaches_into_it_and_nothing_outside() => Assert.Equal(
        ["12-20 00:00/01-07 00:00", "06-30 20:00/07-03 08:00"],
        Times(File(
            Event("UID:winter", "DTSTART;VALUE=DATE:20261220", "DTEND;VALUE=DATE:20270107"),
                Event("UID:before", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20270101"),
            Event("UID:over", "DTSTART:20270630T200000", "DTEND:20270703T080000"), Event("UID:after", "DTSTART;VALUE=DATE:20270701"))));

    [Fact]
    public void Skips_entries_without_duration_and_takes_text_of_reasonable_length_only()
    {
        var content = Read(File(Event("UID:point", "DTSTART:20270305T090000"),
            Event("UID:long", "DTSTART;VALUE=DATE:20270306", $"SUMMARY:{new string('x', 1000)}")));
        Assert.Equal(new SkippedEntry("point", "ics.no-duration"), Assert.Single(content.Skipped));
        Assert.Equal(200, Assert.Single(content.Entries).Summary?.Length);
    }

    public static TheoryData<string, string> Bad() => new()
    {
        { "ics.not-a-calendar", "" },
        { "ics.unreadable", "hello" },
        { "ics.unreadable", "BEGIN:VCALENDAR" },
        { "ics.unreadable", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n" },
        { "ics.no-start", File(Event("UID:1", "SUMMARY:x")) },
        { "ics.no-start", File(Event("UID:1", "DTSTART:soon")) },
        { "ics.unreadable", File(Event("UID:1", "DTSTART:20271301T000000")) },
        { "ics.unreadable", File(Event("UID:1", "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=NEVER")) },
        { "ics.unreadable", File(Event("UID:1", "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=DAILY;COUNT=abc")) },
        { "ics.unreadable", File(Event("UID:1", "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")) },
        { "ics.unknown-time-zone", File(Event("UID:1", "DTSTART;TZID=Mars/Phobos:20270101T000000", "DURATION:PT1H")) },
        { "ics.date-out-of-range", File(Event("UID:1", "DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=DAILY")) },
        { "ics.end-before-start", File(Event("UID:1", "DTSTART:20270102T000000", "DTEND:20270101T000000")) },
        { "ics.end-before-start", File(Event("UID:1", "DTSTART:20270102T000000", "DURATION:-PT1H")) },
        { "ics.too-frequent", File(Event("UID:1", "DTSTART:20270102T000000", "DURATION:PT1S", "RRULE:FREQ=SECONDLY")) },
        { "ics.too-frequent", File(Event("UID:1", "DTSTART:20270102T000000", "DURATION:PT1M", "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5")) },
        { "ics.too-many-events", File([.. Enumerable.Range(0, 2001).Select(i => Event($"UID:{i}", "DTSTART;VALUE=DATE:20270101"))]) },
        { "ics.too-many-occurrences", File([.. Enumerable.Range(0, 20).Select(i => Event($"UID:{i}", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY"))]) },
        { "ics.too-many-occurrences",
            File([.. Enumerable.Range(0, 1000)
            .Select(i => Event($"UID:{i}", "DTSTART:20000101T000000", "DURATION:PT1M", "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6"))]) },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void That_cannot_be_understood_or_means_too_much_is_refused_by_name(string code, string text)
    {
        var refused = Refused(text);
        Assert.Equal(("ics.invalid", 422), (refused.Code, refused.Status));
        Assert.All(refused.Problems, problem => Assert.Equal(code, problem.Code));
        Assert.NotEmpty(refused.Problems);
    }

    [Fact]
    public async Task That_is_too_large_or_no_text_is_refused()
    {
        async Task<string> BodyAsync(byte[] bytes) => await CalendarFileReader.BodyAsync(new MemoryStream(bytes), CancellationToken.None);
        Assert.Equal("ics.too-large", (await Assert.ThrowsAsync<RuleViolation>(() => BodyAsync(new byte[(1024 * 1024) + 1]))).Code);
        Assert.Equal("ics.not-text", Assert.Single((await Assert.ThrowsAsync<RuleViolation>(() => BodyAsync([0xff, 0xfe, 0x00, 0x41]))).Problems).Code);
        Assert.Equal("Mărgele", await BodyAsync([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes("Mărgele")]));
    }

    /// <summary>Whatever is done to a good file, it is read or refused by name: nothing else is thrown, and nothing runs on.</summary>
    [Fact]
    public void That_is_damaged_anywhere_is_read_or_refused_by_name()
    {
        var good = File(
            Event("UID:weekly", "DTSTART;TZID=Europe/Rome:20270301T080000", "DTEND;TZID=Europe/Rome:20270301T120000", "RRULE:FREQ=WEEKLY;COUNT=6;BYDAY=MO,WE;WKST=MO", "EXDATE;TZID=Europe/Rome:20270308T080000", "CATEGORIES:a,b"),
            Event("UID:weekly", "RECURRENCE-ID;TZID=Europe/Rome:20270315T080000", "DTSTART;TZID=Europe/Rome:20270316T140000", "DURATION:P1DT2H"),
            Event("UID:month", "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270501", "RDATE;VALUE=PERIOD:20270601T000000Z/PT3H", "GEO:1;2", "SUMMARY:x\\, y"));
        var random = new Random(20270328);
        const string letters = "0123456789;:=,-+TZPABCDEFLMNORSUWY\r\n ";
        var (read, refused) = (0, 0);
        for (var i = 0; i < 3000; i++)
        {
            var text = new StringBuilder(good);
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0: text[at] = letters[random.Next(letters.Length)]; break;
                    case 1: text.Insert(at, letters[random.Next(letters.Length)]); break;
                    case 2: text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at)); break;
                    default: text.Insert(at, good.AsSpan(random.Next(good.Length - 20), 20)); break;
                }
            }
            try
            {
                Assert.All(Read(text.ToString()).Entries, entry => Assert.True(entry.Time.From < entry.Time.To));
                read++;
            }
            catch (RuleViolation violation)
            {
                Assert.NotEmpty(violation.Problems);
                refused++;
            }
        }
        Assert.True(read > 300 && refused > 300, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Brings_back_the_runs_and_closures_that_were_written_into_it()
    {
        var calendar = new RunCalendar
        {
            TimeZone = "Europe/Rome", HolidayCountry = "IT",
                RunPeriods = [new(new(2027, 1, 11, 8, 0, 0), new(2027, 3, 28, 6, 0, 0), "Run 201; \"A\", B"), new(new(2027, 4, 5), new(2027, 6, 1))],
            Closed =
            [
                new(new(2027, 1, 19, 8, 0, 0), new(2027, 1, 20, 8, 0, 0), ClosedFor.Machine, "Machine day"),
                    new(new(2027, 2, 1), new(2027, 2, 3), ClosedFor.Maintenance, "Kühlung\nund Vakuum"),
                new(new(2027, 3, 27, 16, 0, 0), new(2027, 3, 28, 8, 0, 0), ClosedFor.InHouse, "Over the change"),
                    new(new(2027, 5, 1, 1, 15, 0), new(2027, 5, 1, 1, 45, 0), ClosedFor.Commissioning),
            ],
        };
        var text = CalendarFile.Write("elettra-xafs", "XAFS", calendar, 7, new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 12, 31, 0, 0, 0, TimeSpan.Zero),
            new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero), FileParts.Runs | FileParts.Closures);
        var content = Read(text);
        Assert.Equal(calendar.RunPeriods.Select(run => (run.From, run.To)), content.Entries.Where(entry => entry.Categories.Contains("run"))
            .Select(entry => (entry.Time.From, entry.Time.To)));
        Assert.Equal(calendar.Closed.Select(closed => (closed.From, closed.To, CalendarFile.CategoryOf(closed.Reason))),
            content.Entries.Where(entry => !entry.Categories.Contains("run") && !entry.Categories.Contains("holiday"))
                .Select(entry => (entry.Time.From, entry.Time.To, entry.Categories[0])));
        Assert.Equal(PublicHolidays.Between("IT", new(2027, 1, 1), new(2027, 7, 1)).Select(holiday => holiday.Name),
            content.Entries.Where(entry => entry.Categories.Contains("holiday")).Select(entry => entry.Summary));
        Assert.Equal("Run 201; \"A\", B", content.Entries.First(entry => entry.Categories.Contains("run")).Summary);
        Assert.Contains("UID:run-elettra-xafs-20270111T080000@tutti", text, StringComparison.Ordinal);
        Assert.Contains("DTSTART;VALUE=DATE:20270201", text, StringComparison.Ordinal);
        Assert.Contains("DTSTART;TZID=Europe/Rome:20270119T080000", text, StringComparison.Ordinal);
        Assert.All(text.Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 75, line));
    }

    [Fact]
    public void Keeps_an_entrys_name_when_the_calendar_is_published_again_with_another_end()
    {
        string Uid(DateTime to) =>
            Ical.Net.Calendar.Load<Ical.Net.Calendar>(CalendarFile
            .Write("x", "X", new RunCalendar { TimeZone = "Europe/Rome", RunPeriods = [new(new(2027, 1, 11), to)] }, 1,
            new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero), FileParts.Runs))
                .Single().Events.Single().Uid ?? "";
        Assert.Equal(Uid(new(2027, 2, 1)), Uid(new(2027, 2, 8)));
    }
}
