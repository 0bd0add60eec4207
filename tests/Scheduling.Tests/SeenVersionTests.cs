using System.Globalization;
using System.Net;
using Tutti.Scheduling.Calendars;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class What_is_kept_of_calendars_and_staff(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private static readonly OperatingPattern pattern = new() { Shifts = new([new(8, 0)], TimeSpan.FromHours(8)), Runs = new(3, 1) };

    /// <summary>Every route that replaces something, its body by name; {site}, {code}, {group} and {person} are those of the test.</summary>
    public static TheoryData<string, string, string> Routes() => new()
    {
        { "PUT", "instruments/{code}/calendar", "calendar" },
        { "POST", "instruments/{code}/calendar/revert", "revert" },
        { "PUT", "instruments/{code}/calendar/draft", "draft" },
        { "POST", "instruments/{code}/calendar/draft", "half-year" },
        { "POST", "instruments/{code}/calendar/draft/import", "file" },
        { "POST", "instruments/{code}/calendar/draft/publication", "reason" },
        { "DELETE", "instruments/{code}/calendar/draft", "" },
        { "PUT", "instruments/{code}/set-up", "set-up" },
        { "PUT", "sites/{site}/operating-pattern", "pattern" },
        { "PUT", "sites/{site}/instruments/{code}/operating-pattern", "pattern" },
        { "PUT", "sites/{site}/contact-groups/{group}", "group" },
        { "PUT", "sites/{site}/staff/{person}/leave", "leave" },
        { "POST", "sites/{site}/staff/{person}/leave/import", "file" },
        { "PUT", "site-distances", "distances" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Is_replaced_only_by_who_names_the_version_that_is_there(string method, string route, string body)
    {
        var site = $"site-{Guid.CreateVersion7():N}";
        var (code, person) = ($"one-{site}", Guid.CreateVersion7());
        await host.HearAsync(Site(site, "Europe/Zagreb", 1, "HR", "accelerator"));
        await host.HearAsync(Instrument(code, site));
        // Everything is there, told once; the calendar twice.
        foreach (var (before, with) in ((string, string)[])[("instruments/{code}/calendar", "calendar"), ("instruments/{code}/calendar", "calendar"), ("instruments/{code}/calendar/draft", "draft"), ("instruments/{code}/set-up", "set-up"),
            ("sites/{site}/operating-pattern", "pattern"), ("sites/{site}/instruments/{code}/operating-pattern", "pattern"), ("sites/{site}/contact-groups/{group}", "group"), ("sites/{site}/staff/{person}/leave", "leave"), ("site-distances", "distances")])
            await SucceedsAsync(await host.SendAsync(HttpMethod.Put, Path(before), Body(with)));

        var how = new HttpMethod(method);
        await Assert.RefusedAsync(await host.SendAsync(how, Path(route), Body(body), version: ""), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await host.SendAsync(how, Path(route), Body(body), version: "*"), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await host.SendAsync(how, Path(route), Body(body), version: "\"99\""), HttpStatusCode.PreconditionFailed, "stale-write");
        await SucceedsAsync(await host.SendAsync(how, Path(route), Body(body)));

        static async Task SucceedsAsync(HttpResponseMessage answer) => Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage?.RequestUri} {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");

        string Path(string template) => template.Replace("{site}", site, StringComparison.Ordinal).Replace("{code}", code, StringComparison.Ordinal)
            .Replace("{group}", "beamline-staff", StringComparison.Ordinal).Replace("{person}", person.ToString(), StringComparison.Ordinal);

        object? Body(string name) => name switch
        {
            "calendar" => host.Calendar(),
            "distances" => new { reason = "Measured", ways = Array.Empty<object>() },
            "draft" => new { runPeriods = new[] { new { from = host.Day(0), to = host.Day(9) } } },
            "revert" => new { revision = 1, reason = "It was a mistake" },
            "half-year" => new { year = host.Monday.Year + 1, half = 1 },
            "file" => Calls.Ics(Calls.Event("one", Day(1), Day(2))),
            "reason" => new { reason = "As agreed" },
            "set-up" => new { reason = "As measured", setUp = SetUp.None with { PreparationMinutes = 60 } },
            "pattern" => new { reason = "As agreed", pattern },
            "group" => new { reason = "As agreed", name = "Beamline staff", instruments = new[] { code }, contacts = new[] { new { personId = person, name = "Ana" } } },
            "leave" => new { reason = "As told", times = new[] { new { from = host.Day(1), to = host.Day(2) } } },
            _ => null,
        };

        string Day(int day) => host.Monday.AddDays(day).ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    }
}
