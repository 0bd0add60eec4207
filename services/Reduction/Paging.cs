using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>Pages of a list.</summary>
internal static class Paging
{
    /// <summary>Refuses a page that is none.</summary>
    public static void Require(int page)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
    }
}
