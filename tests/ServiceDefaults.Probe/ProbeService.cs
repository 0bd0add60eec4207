using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.ServiceDefaults.Probe;

/// <summary>The smallest service that uses everything in ServiceDefaults.</summary>
public static class ProbeService
{
    public const string Name = "probe";

    /// <summary>Composes the service and creates its tables.</summary>
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder, Script script, Action<IBusRegistrationConfigurator>? more = null)
    {
        builder.AddTuttiDefaults();
        builder.AddDatabase<ProbeDb>(Name);
        builder.Services.AddSingleton(script);
        builder.AddBus(AddConsumers, more ?? (_ => { }));
        var app = builder.Build();
        app.UseTuttiDefaults();
        Map(app);
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ProbeDb>().Database.EnsureCreatedAsync();
        return app;
    }

    private static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddStateMachine<ProbeDb, ExperimentLifecycle, ExperimentLife>(ExperimentLifecycle.Queue);
        bus.AddReaction<ProbeDb, WhenProposalClosed>(WhenProposalClosed.Queue);
        bus.AddReaction<ProbeDb, AlsoWhenProposalClosed>(AlsoWhenProposalClosed.Queue);
        bus.AddReaction<ProbeDb, WhenCallClosingDue>(WhenCallClosingDue.Queue);
    }

    private static void Map(WebApplication app)
    {
        app.MapDeadLetters<ProbeDb>(Name);
        var api = app.MapGroup("/api/probe");
        api.MapPost("/notes/{id:guid}", SayAsync).AllowAnonymous();
        api.MapPut("/notes/{id:guid}", ChangeAsync).AllowAnonymous();
        api.MapPost("/echo", (Shape shape) => TypedResults.Ok(shape)).AllowAnonymous();
        api.MapPost("/positional", (Positional shape) => TypedResults.Ok(shape)).AllowAnonymous();
        api.MapGet("/query", (string text, int number) => TypedResults.Ok(text + number)).AllowAnonymous();
        api.MapGet("/fail/{kind}", Fail).AllowAnonymous();
        api.MapGet("/unnamed-policy", () => "in");
        api.MapGet("/office", () => "in").RequireAuthorization(Roles.UserOffice);
        api.MapGet("/keeper-or-staff", () => "in").RequireAnyRole(Roles.CellKeeper, Roles.FacilityStaff);
        api.MapGet("/staff-of-elettra", (System.Security.Claims.ClaimsPrincipal person) =>
            person.Holds(Roles.FacilityStaff, "elettra") ? "in" : throw RuleViolation.Forbidden("site.not-yours", "Staff of Elettra only.")).RequireAuthorization();
    }

    /// <summary>State and event in one transaction; acknowledged when it has committed.</summary>
    private static async Task<IResult> SayAsync(Guid id, ProbeDb db, TimeProvider time, CancellationToken cancel)
    {
        db.Add(new Note { Id = id, Text = "said" });
        db.Publish(new ProposalClosed { ProposalId = id, CallId = id, Revision = 1 }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Reads, lets somebody else write, and writes: the loser of a race.</summary>
    private static async Task<IResult> ChangeAsync(Guid id, ProbeDb db, IServiceScopeFactory scopes, CancellationToken cancel)
    {
        var note = await db.Notes.SingleAsync(x => x.Id == id, cancel);
        await using (var other = scopes.CreateAsyncScope())
        {
            var theirs = other.ServiceProvider.GetRequiredService<ProbeDb>();
            (await theirs.Notes.SingleAsync(x => x.Id == id, cancel)).Text = "theirs";
            await theirs.SaveChangesAsync(cancel);
        }
        note.Text = "mine";
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    private static IResult Fail(string kind) => throw (kind switch
    {
        "conflict" => new RuleViolation("probe.conflict", "The state forbids it."),
        "invalid" => RuleViolation.Invalid("probe.invalid", "The content is wrong.", [new("/a", "a.wrong", "A is wrong."), new("/b", "b.wrong", "B is wrong.")]),
        "forbidden" => RuleViolation.Forbidden("probe.forbidden", "Not you."),
        "stale" => new DbUpdateConcurrencyException("stale"),
        "bug" => new InvalidOperationException("a secret of the inside"),
        _ => new ArgumentOutOfRangeException(nameof(kind)),
    });

    /// <summary>A request with members of every kind.</summary>
    public sealed record Shape
    {
        public required string Text { get; init; }

        public required int Number { get; init; }

        public required Mode Mode { get; init; }

        public IReadOnlyList<string> Names { get; init; } = [];

        public IReadOnlyDictionary<string, int> Counts { get; init; } = new Dictionary<string, int>();

        public string? Remark { get; init; }
    }

    /// <summary>A request written as a positional record.</summary>
    public sealed record Positional(Guid CallId, string Text, string? Remark = null);

    /// <summary>An enumeration.</summary>
    public enum Mode
    {
        ExSitu,
        Operando,
    }
}
