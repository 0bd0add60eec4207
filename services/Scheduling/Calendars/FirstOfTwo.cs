using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Rows that are made when they are written first.</summary>
internal static class FirstOfTwo
{
    /// <summary>Saves; of two who make the same row at once, the second is told what one is told who writes over a newer version.</summary>
    /// <exception cref="RuleViolation"><c>stale-write</c></exception>
    public static async Task SaveAsync(SchedulingDb db, bool isNew, Func<Task<bool>> isThere, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException failed) when (isNew && failed is not DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            if (!await isThere()) throw;
            throw new RuleViolation("stale-write", "It was changed by somebody else meanwhile; read it again.", StatusCodes.Status412PreconditionFailed);
        }
    }
}
