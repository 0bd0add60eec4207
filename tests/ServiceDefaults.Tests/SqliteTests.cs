using System.Data.Common;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

[Trait("engine", "any")] // Always SQLite.
public sealed class The_embedded_database
{
    [Fact]
    public async Task Lets_fifty_writers_at_once_all_succeed()
    {
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync();
        Guid[] ids = [.. Enumerable.Range(0, 50).Select(_ => Guid.CreateVersion7())];
        var answers = await Task.WhenAll(ids.Select(id => host.Client().PostAsync(new Uri($"/api/probe/notes/{id}", UriKind.Relative), null)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        Assert.Equal(50, await host.InAsync(db => db.Notes.CountAsync()));
        await host.QuietAsync();
        Assert.Equal(100, await host.InAsync(db => db.Handled.CountAsync()));
    }

    [Fact]
    public async Task Writes_to_the_disk_before_it_acknowledges()
    {
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync();
        // Several connections: those that wait in the pool and those that are new.
        var settings = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.InAsync(async db =>
        {
            await db.Database.OpenConnectionAsync();
            var found = (await db.Database.SqlQuery<long>($"SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync(), await db.Database.SqlQuery<string>($"SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync());
            await Task.Delay(50);
            return found;
        })));
        Assert.All(settings, found => Assert.Equal((2L, "wal"), found));
    }

    [Fact]
    public async Task Lets_the_next_writer_in_when_a_transaction_is_left_without_an_end()
    {
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync();
        for (var number = 0; number < 3; number++)
        {
            await host.InAsync(async db =>
            {
                await using var transaction = await db.Database.BeginTransactionAsync();
                db.Add(new Note { Id = Guid.CreateVersion7(), Text = "left" });
                await db.SaveChangesAsync();
            });
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.InAsync(async db =>
            {
                await using var transaction = await db.Database.BeginTransactionAsync();
                throw new InvalidOperationException("in the middle");
            }));
            await host.InAsync(async db =>
            {
                db.Add(new Note { Id = Guid.CreateVersion7(), Text = "kept" });
                await db.SaveChangesAsync();
            });
        }
        Assert.Equal(["kept", "kept", "kept"], await host.InAsync(db => db.Notes.Select(note => note.Text).ToListAsync()));
    }

    [Fact]
    public async Task Lets_the_next_writer_in_when_the_one_whose_turn_it_was_does_not_want_any_more()
    {
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync();
        using var gone = new CancellationTokenSource();
        // Asked after the queue of writers: the caller goes away between his turn and the beginning of his transaction.
        var options = new DbContextOptionsBuilder<ProbeDb>(host.Services.GetRequiredService<DbContextOptions<ProbeDb>>()).AddInterceptors(new GoesAway(gone)).Options;
        await using (var db = new ProbeDb(options))
        {
            db.Add(new Note { Id = Guid.CreateVersion7(), Text = "late" });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await using var transaction = await db.Database.BeginTransactionAsync(gone.Token);
                await db.SaveChangesAsync(gone.Token);
            });
            await host.InAsync(async next =>
            {
                next.Add(new Note { Id = Guid.CreateVersion7(), Text = "kept" });
                await next.SaveChangesAsync();
            }).WaitAsync(TimeSpan.FromSeconds(20));
        }
        Assert.Equal(["kept"], await host.InAsync(db => db.Notes.Select(note => note.Text).ToListAsync()));
    }

    [Fact]
    public async Task Refuses_a_write_that_would_pass_by_the_queue_of_writers()
    {
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync();
        await Assert.ThrowsAsync<NotSupportedException>(() => host.InAsync(db =>
        {
            db.Add(new Note { Id = Guid.CreateVersion7(), Text = "without waiting" });
            return Task.FromResult(db.SaveChanges());
        }));
    }
}

internal sealed class GoesAway(CancellationTokenSource gone) : DbTransactionInterceptor
{
    public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        await gone.CancelAsync();
        return result;
    }
}

public sealed class A_stale_write
{
    [Fact]
    public async Task Is_refused_and_the_first_one_is_kept()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var id = Guid.CreateVersion7();
        var address = new Uri($"/api/probe/notes/{id}", UriKind.Relative);
        (await host.Client().PostAsync(address, null)).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.Client().PutAsync(address, null), HttpStatusCode.PreconditionFailed, "stale-write");
        var note = await host.InAsync(db => db.Notes.SingleAsync(note => note.Id == id));
        Assert.Equal(("theirs", 1), (note.Text, note.Version));
    }
}
