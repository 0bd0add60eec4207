using System.Security.Claims;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Keeping;

/// <summary>Which cells and laboratories a keeper may act on: those at a site of theirs, or all, for keepers of the whole pool.</summary>
internal static class Keepers
{
    public static void RequireKeeperOf(this ClaimsPrincipal person, string site)
    {
        if (!person.Holds(Roles.CellKeeper, site) && !person.Holds(Roles.CellKeeper, Roles.WholePool))
            throw RuleViolation.Forbidden("cell.other-keeper", "Only keepers of its site may do this.");
    }
}
