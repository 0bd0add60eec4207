using Microsoft.EntityFrameworkCore;
using Tutti.Catalogue.Publishing;

namespace Tutti.Catalogue.Seeding;

/// <summary>
/// At start, takes over the seed if it is not the one that the catalogue holds: what is new or changed is entered and told, in one
/// transaction. Of two replicas that start at once one wins; the other finds it done.
/// </summary>
public sealed partial class SeedCatalogue(IServiceScopeFactory scopes, CatalogueSeed seed, TimeProvider time, ILogger<SeedCatalogue> log) : IHostedService
{
    private const int MostTries = 5;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                if (await SeedAsync(scope.ServiceProvider.GetRequiredService<CatalogueDb>(), cancellationToken)) Seeded(seed.Edition, seed.Hash);
                return;
            }
            catch (DbUpdateException lost) when (attempt < MostTries)
            {
                // Another replica was faster, or somebody edits at this moment: look again.
                Lost(attempt, lost);
            }
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> SeedAsync(CatalogueDb db, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var state = await db.Seeds.SingleOrDefaultAsync(cancel);
        if (state is not null && (state.Hash == seed.Hash || state.Edition > seed.Edition)) return false;
        if (state is null) db.Add(state = new SeedState { Id = 1 });
        (state.Edition, state.Hash, state.SeededAt) = (seed.Edition, seed.Hash, now);

        var entries = await db.Entries.ToDictionaryAsync(entry => (entry.Kind, entry.Code), cancel);
        foreach (var told in seed.Entries)
        {
            var known = entries.GetValueOrDefault((told.Kind, told.Code));
            if (known is null) db.Add(known = Entry.Enter(told.Kind, told.Code, told.Position, told.Record, told.Additions));
            else if (!known.Renew(told.Position, told.Record, told.Additions)) continue;
            db.Announce(known, time);
        }
        var instruments = await db.Instruments.Include(x => x.Techniques).Include(x => x.SampleEnvironment).Include(x => x.History).AsSplitQuery().ToDictionaryAsync(x => x.Code, cancel);
        foreach (var told in seed.Instruments)
        {
            var known = instruments.GetValueOrDefault(told.Source.Code);
            if (known is null) db.Add(known = Instrument.Enter(told.Source, told.Record, told.Position, told.SharedSources, told.SearchText));
            else if (!known.Renew(told.Source, told.Record, told.Position, told.SharedSources, told.SearchText, Guid.CreateVersion7(now), now)) continue;
            db.Announce(known, time);
        }
        await db.SaveChangesAsync(cancel);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "The catalogue holds edition {Edition} of the seed now ({Hash}).")]
    private partial void Seeded(int edition, string hash);

    [LoggerMessage(LogLevel.Information, "Seeding met another writer (try {Attempt}); looking again.")]
    private partial void Lost(int attempt, Exception exception);
}
