namespace Tutti.Scheduling.Allocating;

/// <summary>The most shifts that users get: of an instrument by its calendar over the time that is planned and by the call, of a partner by the call.</summary>
internal sealed class Quotas(PlanSnapshot snapshot, DateTimeOffset now)
{
    private readonly (DateTimeOffset From, DateTimeOffset To) window = snapshot.Window(now);

    /// <summary>Of an instrument, where its calendar leaves users less than is open; null: no limit.</summary>
    public int? OfCalendar(string instrument) =>
        snapshot.Calendars.TryGetValue(instrument, out var kept) && window.From < window.To && kept.Calendar.BudgetBetween(window.From, window.To) is var budget && budget.UserQuota < budget.Open ? budget.UserQuota : null;

    /// <summary>Of an instrument in the call; null: no limit.</summary>
    public int? OfCall(string instrument) => snapshot.Call?.QuotaOf(instrument);

    /// <summary>Of a site in the call; null: no limit.</summary>
    public int? OfSite(string site) => snapshot.Call?.SiteQuotas.FirstOrDefault(one => one.SiteCode == site)?.Shifts;

    /// <summary>Shifts that the call has promised at a site, beside those of the plan.</summary>
    public int GivenAt(string site) => snapshot.Given.Where(one => snapshot.SiteOf(one.InstrumentCode) == site).Sum(one => one.Shifts);

    /// <summary>Shifts that blocks take of the calendar's quota of their instrument.</summary>
    public int TakenOfCalendar(string instrument, IEnumerable<StandingBlock> blocks) =>
        blocks.Where(one => one.InstrumentCode == instrument && window.From <= one.From && one.From < window.To).Sum(one => one.Shifts);

    /// <summary>Shifts that the call has promised at an instrument, beside those of the plan.</summary>
    public int GivenOf(string instrument) => snapshot.Given.Where(one => one.InstrumentCode == instrument).Sum(one => one.Shifts);

    /// <summary>The name of the part to which a proposal counts; null: none.</summary>
    public string? PartOf(Guid proposal) => snapshot.Partners.TryGetValue(proposal, out var partner) ? partner.Country ?? partner.Partner : null;

    /// <summary>Shifts that the call has promised to a part, beside those of the plan.</summary>
    public int GivenTo(string part) => snapshot.Given.Where(one => PartOf(one.ProposalId) == part).Sum(one => one.Shifts);
}
