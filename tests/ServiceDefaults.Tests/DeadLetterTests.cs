using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults.Messaging;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

public sealed class A_message_that_fails_for_good
{
    private static readonly Person Operator = new("Operator", "operations", Roles.Operator);
    private static readonly Person Office = new("Office", "office", Roles.UserOffice);

    [Fact]
    public async Task Is_tried_again_and_then_becomes_a_dead_letter_while_the_next_is_handled()
    {
        var bad = ProbeHost.Closed();
        var tries = 0;
        var script = new Script { Before = one => one.Subject == bad.ProposalId && one.Queue == WhenProposalClosed.Queue && Interlocked.Increment(ref tries) > 0 ? throw new InvalidOperationException("broken inside") : Task.CompletedTask };
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync(script);
        await host.SayAsync(bad);
        var next = ProbeHost.Closed();
        await host.SayAsync(next);
        await host.UntilHandledAsync(next.ProposalId);
        var letter = Assert.Single(await host.UntilLettersAsync(1));
        Assert.Equal("proposals.proposal-closed", letter.Contract);
        Assert.Equal(installation.Prefix + WhenProposalClosed.Queue, letter.Queue);
        Assert.Contains("broken inside", letter.Error, StringComparison.Ordinal);
        Assert.Contains(bad.ProposalId.ToString(), letter.Body, StringComparison.Ordinal);
        Assert.Equal(7, tries);
        await host.QuietAsync();
    }

    [Fact]
    public async Task By_a_broken_rule_is_not_tried_again()
    {
        var tries = 0;
        var script = new Script { Before = one => one.Queue == WhenProposalClosed.Queue && Interlocked.Increment(ref tries) > 0 ? throw new RuleViolation("probe.no", "No.") : Task.CompletedTask };
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync(script);
        await host.SayAsync(ProbeHost.Closed());
        await host.UntilLettersAsync(1);
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task In_the_state_machine_by_a_broken_rule_is_not_tried_again()
    {
        var tries = 0;
        var script = new Script { Before = one => Interlocked.Increment(ref tries) > 0 ? throw new RuleViolation("probe.no", "No.") : Task.CompletedTask };
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync(script);
        var (started, _) = A_state_machine.Events();
        await host.SayAsync(started);
        Assert.Equal("scheduling.experiment-started", Assert.Single(await host.UntilLettersAsync(1)).Contract);
        Assert.Equal(1, tries);
        Assert.Equal(0, await host.InAsync(db => db.Lives.CountAsync()));
    }

    [Fact]
    public async Task Is_handled_once_when_an_operator_replays_it()
    {
        var (host, installation, script, closed) = await WithLetterAsync();
        await using var _ = installation;
        script.Before = _ => Task.CompletedTask;
        var letter = Assert.Single(await ListAsync(host));
        Task<HttpResponseMessage>[] requests = [];
        await host.InAsync(async db =>
        {
            // Holds the row until all six have read it.
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Set<DeadLetter>().ExecuteUpdateAsync(set => set.SetProperty(x => x.Queue, x => x.Queue));
            requests = [.. Enumerable.Range(0, 6).Select(_ => host.As(Operator).PostAsync(Address(letter.Id, "replay"), null))];
            await Task.Delay(1000);
            await transaction.CommitAsync();
        });
        var answers = await Task.WhenAll(requests);
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent), answer =>
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed }));
        await host.UntilHandledAsync(closed.ProposalId);
        await host.QuietAsync();
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId));
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue));
        await Assert.RefusedAsync(await host.As(Operator).PostAsync(Address(letter.Id, "discard"), null), HttpStatusCode.Conflict, "dead-letter.resolved");
        var kept = Assert.Single(await host.LettersAsync());
        Assert.Equal(("replayed", (Guid?)Operator.Id), (kept.Resolution, kept.ResolvedBy));
        Assert.NotNull(kept.ResolvedAt);
    }

    [Fact]
    public async Task Stays_settled_when_the_transport_delivers_it_again()
    {
        var (host, installation, script, closed) = await WithLetterAsync();
        await using var _ = installation;
        script.Before = _ => Task.CompletedTask;
        var letter = Assert.Single(await host.LettersAsync());
        await host.DeliverAsync(closed, letter.MessageId);
        await host.UntilSettledAsync(letter.MessageId);
        (await host.As(Operator).PostAsync(Address(letter.Id, "replay"), null)).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => await db.Set<OutboxMessage>().AnyAsync(row => row.Queue != null && row.SentAt != null), "the replay is sent");
        await host.UntilHandledAsync(closed.ProposalId);
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId));
        Assert.Single(await host.LettersAsync());
    }

    [Fact]
    public async Task Is_gone_for_good_when_an_operator_discards_it()
    {
        var (host, installation, script, closed) = await WithLetterAsync();
        await using var _ = installation;
        script.Before = _ => Task.CompletedTask;
        var letter = Assert.Single(await ListAsync(host));
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Operator).PostAsync(Address(letter.Id, "discard"), null)).StatusCode);
        Assert.Equal("discarded", Assert.Single(await ListAsync(host)).Resolution);
        await Assert.RefusedAsync(await host.As(Operator).PostAsync(Address(letter.Id, "replay"), null), HttpStatusCode.Conflict, "dead-letter.resolved");
        await host.QuietAsync();
        Assert.Equal(0, await host.HandledAsync(closed.ProposalId));
        Assert.Equal(Operator.Id, Assert.Single(await host.LettersAsync()).ResolvedBy);
    }

    [Fact]
    public async Task Is_shown_to_operators_only_and_without_contents()
    {
        var (host, installation, _, closed) = await WithLetterAsync();
        await using var _ = installation;
        var list = new Uri("/api/probe/dead-letters", UriKind.Relative);
        var text = await host.As(Operator).GetStringAsync(list);
        Assert.DoesNotContain(closed.ProposalId.ToString(), text, StringComparison.OrdinalIgnoreCase);
        await Assert.RefusedAsync(await host.As(Office).GetAsync(list), HttpStatusCode.Forbidden, "identity.not-allowed");
        await Assert.RefusedAsync(await host.Client().GetAsync(list), HttpStatusCode.Unauthorized, "identity.required");
        var letter = Assert.Single(await host.LettersAsync());
        await Assert.RefusedAsync(await host.As(Office).PostAsync(Address(letter.Id, "replay"), null), HttpStatusCode.Forbidden, "identity.not-allowed");
        await Assert.RefusedAsync(await host.As(Operator).PostAsync(Address(Guid.CreateVersion7(), "replay"), null), HttpStatusCode.NotFound, "not-found");
        Assert.Null(Assert.Single(await host.LettersAsync()).Resolution);
    }

    [Fact]
    public async Task Waiting_for_an_operator_is_listed_before_what_is_resolved()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var waiting = Guid.CreateVersion7();
        var now = TimeProvider.System.GetUtcNow();
        await host.InAsync(async db =>
        {
            for (var number = 0; number < 501; number++)
                db.Add(Letter(Guid.CreateVersion7(), now.AddMinutes(number), "discarded"));
            db.Add(Letter(waiting, now.AddDays(-1), null));
            await db.SaveChangesAsync();
        });
        Assert.Equal(waiting, (await ListAsync(host))[0].Id);
    }

    [Fact]
    public async Task Is_sent_again_to_all_when_not_even_the_dead_letter_could_be_written()
    {
        int tries = 0, othersTries = 0;
        var healed = false;
        var script = new Script
        {
            Before = one => one.Queue == WhenProposalClosed.Queue
                ? Interlocked.Increment(ref tries) == 1 ? throw new RuleViolation("probe.no", "No.") : Volatile.Read(ref healed) ? Task.CompletedTask : throw new InvalidOperationException("not yet")
                : Interlocked.Increment(ref othersTries) <= 3 ? throw new InvalidOperationException("late: after the message was sent again") : Task.CompletedTask,
        };
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync(script, beforeStart: host => host.InAsync(db => db.Database.ExecuteSqlRawAsync("""ALTER TABLE "DeadLetters" RENAME TO "Away" """)));
        var closed = ProbeHost.Closed();
        await host.SayAsync(closed);
        await host.UntilHandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue);
        // The other queue has had it twice; that must not count for the queue which has not handled it.
        await Task.Delay(1000);
        Assert.Null(await host.InAsync(db => db.Set<OutboxMessage>().AsNoTracking().Where(row => row.Contract == "proposals.proposal-closed").Select(row => row.SentAt).SingleAsync()));
        Volatile.Write(ref healed, true);
        await host.UntilHandledAsync(closed.ProposalId);
        await host.UntilHandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue);
        await host.QuietAsync();
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId));
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue));
    }

    private static async Task<(ProbeHost Host, Installation Installation, Script Script, Contracts.Proposals.ProposalClosed Closed)> WithLetterAsync()
    {
        var script = new Script { Before = one => one.Queue == WhenProposalClosed.Queue ? throw new RuleViolation("probe.no", "No.") : Task.CompletedTask };
        var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync(script);
        var closed = ProbeHost.Closed();
        await host.SayAsync(closed);
        await host.UntilLettersAsync(1);
        await host.UntilHandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue);
        await host.QuietAsync();
        return (host, installation, script, closed);
    }

    private static DeadLetter Letter(Guid id, DateTimeOffset failed, string? resolution) => new()
    {
        Id = id, MessageId = Guid.CreateVersion7(), Queue = "q", Contract = "proposals.proposal-closed", Body = "{}", Error = "e", FailedAt = failed, Resolution = resolution,
    };

    private static Uri Address(Guid id, string action) => new($"/api/probe/dead-letters/{id}/{action}", UriKind.Relative);

    private static async Task<List<DeadLetters.Entry>> ListAsync(ProbeHost host) =>
        await host.As(Operator).GetFromJsonAsync<List<DeadLetters.Entry>>("/api/probe/dead-letters", Json.Strict) ?? [];
}
