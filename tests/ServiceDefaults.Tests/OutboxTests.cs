using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

public sealed class A_published_event
{
    [Fact]
    public async Task Is_sent_when_its_transaction_commits_together_with_the_state()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var id = Guid.CreateVersion7();
        (await host.Client().PostAsync(new Uri($"/api/probe/notes/{id}", UriKind.Relative), null)).EnsureSuccessStatusCode();
        await host.UntilHandledAsync(id);
        await host.UntilHandledAsync(id, AlsoWhenProposalClosed.Queue);
        Assert.NotNull(await host.InAsync(db => db.Notes.SingleOrDefaultAsync(note => note.Id == id)));
        await host.QuietAsync();
        Assert.Equal(1, await host.HandledAsync(id));
        Assert.Single(host.Traffic.Sent, sent => sent.Message is ProposalClosed);
    }

    [Fact]
    public async Task Is_not_there_when_the_transaction_is_rolled_back_or_left()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (rolledBack, left, afterwards) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.InAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Add(new Note { Id = rolledBack, Text = "never" });
            db.Publish(ProbeHost.Closed(rolledBack), TimeProvider.System);
            await db.SaveChangesAsync();
            await transaction.RollbackAsync();
        });
        await host.InAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Publish(ProbeHost.Closed(left), TimeProvider.System);
            await db.SaveChangesAsync();
        });
        await host.SayAsync(ProbeHost.Closed(afterwards));
        await host.UntilHandledAsync(afterwards);
        await host.QuietAsync();
        Assert.Equal([afterwards], await host.InAsync(db => db.Handled.Select(row => row.Subject).Distinct().ToListAsync()));
        Assert.Equal(0, await host.InAsync(db => db.Notes.CountAsync()));
        Assert.DoesNotContain(host.Traffic.Sent, sent => sent.Message is ProposalClosed closed && closed.ProposalId != afterwards);
    }

    [Fact]
    public async Task Is_not_sent_when_only_a_later_transaction_of_the_same_context_commits()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (rolledBack, unsaved, committed) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.InAsync(async db =>
        {
            await using (var first = await db.Database.BeginTransactionAsync())
            {
                db.Publish(ProbeHost.Closed(rolledBack), TimeProvider.System);
                await db.SaveChangesAsync();
                await first.RollbackAsync();
            }
            await using var second = await db.Database.BeginTransactionAsync();
            db.Publish(ProbeHost.Closed(committed), TimeProvider.System);
            await db.SaveChangesAsync();
            db.Publish(ProbeHost.Closed(unsaved), TimeProvider.System);
            await second.CommitAsync();
        });
        await host.UntilHandledAsync(committed);
        await host.SayAsync(ProbeHost.Closed());
        await host.QuietAsync();
        Assert.Equal(0, await host.HandledAsync(rolledBack) + await host.HandledAsync(unsaved));
        Assert.Equal(2, host.Traffic.Sent.Count(sent => sent.Message is ProposalClosed));
    }

    [Fact]
    public async Task That_could_not_be_read_back_is_refused_with_its_state()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => host.InAsync(async db =>
        {
            db.Add(new Note { Id = Guid.CreateVersion7(), Text = "state" });
            db.Publish(
                new ProposalWithdrawn { ProposalId = Guid.CreateVersion7(), CallId = Guid.CreateVersion7(), Revision = 1, Reason = "a\0b", WithdrawnAt = TimeProvider.System.GetUtcNow() },
                TimeProvider.System);
            await db.SaveChangesAsync();
        }));
        Assert.Equal(0, await host.InAsync(db => db.Notes.CountAsync()));
    }
}

public sealed class An_unreadable_outbox_row
{
    private static readonly Person Operator = new("Operator", "operations", Roles.Operator);
    private static readonly Person Office = new("Office", "office", Roles.UserOffice);

    [Theory]
    [InlineData("proposals.proposal-closed", "{ broken")]
    [InlineData("proposals.proposal-closed", "null")]
    [InlineData("proposals.proposal-closed", """{"proposalId":"not an id"}""")]
    [InlineData("proposals.proposal-closed", """{"revision":1}""")]
    [InlineData("proposals.never-heard-of", "{}")]
    public async Task Is_set_aside_without_stopping_the_rest(string contract, string body)
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (bad, good) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.InAsync(async db =>
        {
            db.Add(new OutboxMessage { Id = bad, Position = 1, Contract = contract, Key = good.ToString(), Body = body, ConversationId = bad, CreatedAt = TimeProvider.System.GetUtcNow() });
            db.Publish(ProbeHost.Closed(good), TimeProvider.System);
            await db.SaveChangesAsync();
        });
        await host.UntilHandledAsync(good);
        await host.QuietAsync();
        var row = await host.InAsync(db => db.Set<OutboxMessage>().SingleAsync(x => x.Id == bad));
        Assert.Null(row.SentAt);
        Assert.NotNull(row.SetAside);
    }

    [Fact]
    public async Task Is_listed_for_operators_and_sent_on_their_word_by_a_version_that_can_read_it()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (id, proposal) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var list = new Uri("/api/probe/dead-letters/unsent", UriKind.Relative);
        var retry = new Uri($"{list}/{id}/retry", UriKind.Relative);
        await host.InAsync(async db =>
        {
            var body = System.Text.Json.JsonSerializer.Serialize(ProbeHost.Closed(proposal), Json.Stored);
            db.Add(new OutboxMessage { Id = id, Position = 1, Contract = "proposals.of-tomorrow", Key = proposal.ToString(), Body = body, ConversationId = id, CreatedAt = TimeProvider.System.GetUtcNow() });
            await db.SaveChangesAsync();
        });
        await host.UntilAsync(db => db.Set<OutboxMessage>().AnyAsync(row => row.SetAside != null), "the row is set aside");
        await Assert.RefusedAsync(await host.As(Office).GetAsync(list), HttpStatusCode.Forbidden, "identity.not-allowed");
        var told = Assert.Single(await host.As(Operator).GetFromJsonAsync<List<UnreadableMessages.Entry>>(list, Json.Strict) ?? []);
        Assert.Equal((id, "proposals.of-tomorrow"), (told.Id, told.Contract));

        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Operator).PostAsync(retry, null)).StatusCode);
        await host.UntilAsync(db => db.Set<OutboxMessage>().AnyAsync(row => row.SetAside != null), "the row is set aside again");
        await host.InAsync(db => db.Set<OutboxMessage>().ExecuteUpdateAsync(set => set.SetProperty(row => row.Contract, "proposals.proposal-closed")));
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Operator).PostAsync(retry, null)).StatusCode);
        await host.UntilHandledAsync(proposal);
        await Assert.RefusedAsync(await host.As(Operator).PostAsync(retry, null), HttpStatusCode.NotFound, "not-found");
    }
}

public sealed class A_timer
{
    [Fact]
    public async Task Fires_not_before_its_time_but_after_even_if_the_host_was_restarted_in_between()
    {
        var time = new TestTime();
        var call = Guid.CreateVersion7();
        await using var installation = await Installation.CreateAsync();
        await using (var first = await installation.StartAsync(time: time))
        {
            var due = time.GetUtcNow().AddHours(1);
            await first.SayAsync(new CallClosingDue { CallId = call, ClosesAt = due }, due);
            var other = ProbeHost.Closed();
            await first.SayAsync(other);
            await first.UntilHandledAsync(other.ProposalId);
            // Two sweeps have passed when a row that only a sweep can find is sent.
            for (var sweep = 0; sweep < 2; sweep++)
            {
                var passed = time.GetUtcNow();
                var marker = Guid.CreateVersion7();
                await first.SayAsync(new CallClosingDue { CallId = marker, ClosesAt = passed }, passed);
                await first.UntilHandledAsync(marker, WhenCallClosingDue.Queue);
            }
            Assert.Equal(0, await first.HandledAsync(call, WhenCallClosingDue.Queue));
        }
        var second = await installation.StartAsync(time: time);
        time.Advance(TimeSpan.FromMinutes(59));
        var early = ProbeHost.Closed();
        await second.SayAsync(early);
        await second.UntilHandledAsync(early.ProposalId);
        Assert.Equal(0, await second.HandledAsync(call, WhenCallClosingDue.Queue));
        time.Advance(TimeSpan.FromMinutes(1));
        await second.UntilHandledAsync(call, WhenCallClosingDue.Queue);
        await second.UntilAsync(db => db.Set<OutboxMessage>().AllAsync(row => row.SentAt != null), "everything is sent");
        Assert.Equal(1, await second.HandledAsync(call, WhenCallClosingDue.Queue));
    }
}

public sealed class Rows_of_the_outbox
{
    [Fact]
    public async Task Of_one_key_keep_their_order()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        Guid[] proposals = [.. Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7())];
        for (var revision = 1; revision <= 20; revision++)
            await Task.WhenAll(proposals.Select(proposal => host.SayAsync(ProbeHost.Closed(proposal, revision))));
        await host.QuietAsync();
        foreach (var proposal in proposals) Assert.Equal(Enumerable.Range(1, 20), Revisions(host, proposal));
    }

    [Fact]
    public async Task Written_before_a_start_go_before_those_written_after_it()
    {
        await using var installation = await Installation.CreateAsync();
        var proposal = Guid.CreateVersion7();
        var time = new TestTime();
        await using (var first = await installation.StartAsync(time: time))
        {
            await first.InAsync(async db =>
            {
                // More than one sweep takes at once, as after a long outage of the broker.
                var due = time.GetUtcNow().AddDays(1);
                for (var number = 0; number < 1500; number++) db.Add(Row(Guid.CreateVersion7(), 1, number, due, contract: "proposals.proposal-placed-on-reserve"));
                db.Add(Row(proposal, 1, 1500, due));
                await db.SaveChangesAsync();
            });
        }
        time.Advance(TimeSpan.FromDays(2));
        var second = await installation.StartAsync(time: time, beforeStart: host => host.SayAsync(ProbeHost.Closed(proposal, 2)));
        await second.QuietAsync();
        await second.UntilAsync(db => db.Set<OutboxMessage>().AllAsync(row => row.SentAt != null), "everything is sent");
        Assert.Equal([1, 2], Revisions(second, proposal));
    }

    [Fact]
    [Trait("needs", "servers")]
    public async Task Of_one_key_written_by_two_replicas_keep_their_order()
    {
        await using var installation = await Installation.OnServersAsync();
        ProbeHost[] replicas = [await installation.StartAsync(), await installation.StartAsync()];
        for (var round = 0; round < 10; round++)
        {
            var proposal = Guid.CreateVersion7();
            for (var revision = 1; revision <= 4; revision++) await replicas[revision % 2].SayAsync(ProbeHost.Closed(proposal, revision));
            await replicas[0].QuietAsync();
            int[][] sent = [Revisions(replicas[0], proposal), Revisions(replicas[1], proposal)];
            Assert.Equal([1, 2, 3, 4], sent.Single(revisions => revisions.Length > 0));
        }
    }

    [Fact]
    public async Task With_a_lower_position_committed_later_are_still_sent()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (higher, lower) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.InAsync(async db =>
        {
            db.Add(Row(higher, 1, 1_000_000, null));
            await db.SaveChangesAsync();
        });
        await host.UntilHandledAsync(higher);
        await host.QuietAsync();
        await host.InAsync(async db =>
        {
            db.Add(Row(lower, 1, 1_000, null));
            await db.SaveChangesAsync();
        });
        await host.UntilHandledAsync(lower);
    }

    [Fact]
    public async Task Of_one_key_do_not_wait_for_those_of_another()
    {
        // A queue that nobody serves: in the embedded process its rows never come to their end.
        var blocked = Guid.CreateVersion7();
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync();
        await host.InAsync(async db =>
        {
            for (var revision = 1; revision <= 3; revision++) db.Add(Row(blocked, revision, revision, null, "probe-not-there"));
            await db.SaveChangesAsync();
        });
        var other = ProbeHost.Closed();
        await host.SayAsync(other);
        await host.UntilHandledAsync(other.ProposalId);
        Assert.Equal(3, await host.InAsync(db => db.Set<OutboxMessage>().CountAsync(row => row.Key == blocked.ToString() && row.SentAt == null)));
    }

    internal static OutboxMessage Row(Guid proposal, int revision, long position, DateTimeOffset? notBefore, string? queue = null, string contract = "proposals.proposal-closed") => new()
    {
        Id = Guid.CreateVersion7(), Position = position, Contract = contract, Key = proposal.ToString(), Queue = queue,
        Body = $$"""{"proposalId":"{{proposal}}","callId":"{{proposal}}","revision":{{revision}}}""",
        ConversationId = proposal, CreatedAt = TimeProvider.System.GetUtcNow(), NotBefore = notBefore,
    };

    private static int[] Revisions(ProbeHost host, Guid proposal) =>
        [.. host.Traffic.Sent.Select(sent => sent.Message).OfType<ProposalClosed>().Where(closed => closed.ProposalId == proposal).Select(closed => closed.Revision)];
}
