using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>
/// Rows of the outbox that this version cannot read and has set aside: written by a later version, or damaged. An operator lists them and, once the
/// version that can read them runs, has them sent. They are never thrown away: they tell of changes that have been committed.
/// </summary>
public static class UnreadableMessages
{
    /// <summary>A row as an operator sees it: without contents.</summary>
    public sealed record Entry(Guid Id, string Contract, string Reason, DateTimeOffset CreatedAt);

    internal static void Map(RouteGroupBuilder operators, Func<IServiceProvider, DbContext> database)
    {
        operators.MapGet("/unsent", (IServiceProvider services, CancellationToken cancel) => ListAsync(database(services), cancel));
        operators.MapPost("/unsent/{id:guid}/retry", (Guid id, IServiceProvider services, CancellationToken cancel) => RetryAsync(database(services), id, cancel));
    }

    private static async Task<Ok<List<Entry>>> ListAsync(DbContext db, CancellationToken cancel) =>
        TypedResults.Ok(await db.Set<OutboxMessage>().Where(row => row.SetAside != null && row.SentAt == null).OrderBy(row => row.Position).Take(500)
            .Select(row => new Entry(row.Id, row.Contract, row.SetAside ?? "", row.CreatedAt)).ToListAsync(cancel));

    // The dispatcher's next sweep takes the row up; it is set aside again where it still cannot be read.
    private static async Task<Results<NoContent, NotFound>> RetryAsync(DbContext db, Guid id, CancellationToken cancel) =>
        await db.Set<OutboxMessage>().Where(row => row.Id == id && row.SetAside != null && row.SentAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SetAside, (string?)null), cancel) == 0 ? TypedResults.NotFound() : TypedResults.NoContent();
}
