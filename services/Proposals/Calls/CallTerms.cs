using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Calls;

/// <summary>By what rules the shifts of a call are shared out, beside rank: what partners are to get, what instruments and sites give, and whether rank may be inverted for the best sum.</summary>
public sealed partial record CallTerms
{
    private const int MostPartners = 200, MostQuotas = 500, MostSites = 200, MostShifts = 100_000;

    /// <summary>What partners are to get, and may have at most.</summary>
    public IReadOnlyList<PartnerGuarantee> Partners { get; init; } = [];

    /// <summary>The most shifts that instruments give, where that is less than their calendars have for users.</summary>
    public IReadOnlyList<InstrumentQuota> Quotas { get; init; } = [];

    /// <summary>The most shifts that sites give, over all their instruments.</summary>
    public IReadOnlyList<SiteQuota> SiteQuotas { get; init; } = [];

    /// <summary>Whether a proposal may be left out for lower ranked ones where the sum is higher.</summary>
    public bool RankMayBeInverted { get; init; } = true;

    /// <summary>Everything in them that makes no sense, at once.</summary>
    internal static async Task<IReadOnlyList<Problem>> CheckAsync(CallTerms? terms, ProposalsDb db, CancellationToken cancel)
    {
        if (terms is null) return [];
        if (terms.Partners.Count > MostPartners || terms.Quotas.Count > MostQuotas || terms.SiteQuotas.Count > MostSites)
            return [new("terms", "call.terms-too-many", $"At most {MostPartners} partners, {MostQuotas} instruments and {MostSites} sites.")];
        List<Problem> problems = [];
        for (var i = 0; i < terms.Partners.Count; i++)
        {
            var (one, path) = (terms.Partners[i], $"terms.partners[{i}]");
            if ((one.Country is null) == (one.Partner is null) || !(one.Partner is null ? Country() : Code()).IsMatch(one.Country ?? one.Partner ?? ""))
                problems.Add(new(path, "call.partner", "Either the two capital letters of a country or the code of an institution."));
            if (one.MinShifts is < 0 or > MostShifts || one.MaxShifts is < 0 or > MostShifts || one.MaxShifts < one.MinShifts)
                problems.Add(new(path, "call.partner-shifts", $"0 to {MostShifts} shifts, and no fewer at most than at least."));
        }
        if (terms.Partners.DistinctBy(one => (one.Country, one.Partner)).Count() < terms.Partners.Count) problems.Add(new("terms.partners", "call.partner-twice", "A partner is named once."));
        var (instruments, sites) = (terms.Quotas.Select(one => one.InstrumentCode).ToList(), terms.SiteQuotas.Select(one => one.SiteCode).ToList());
        Quotas("quotas", "quota", "instrument", [.. terms.Quotas.Select(one => (one.InstrumentCode, one.Shifts))],
            await db.Instruments.Where(x => instruments.Contains(x.Code)).Select(x => x.Code).ToListAsync(cancel));
        // A site is known by the instruments that stand there.
        Quotas("siteQuotas", "site-quota", "site", [.. terms.SiteQuotas.Select(one => (one.SiteCode, one.Shifts))],
            await db.Instruments.Where(x => x.SiteCode != null && sites.Contains(x.SiteCode)).Select(x => x.SiteCode ?? "").Distinct().ToListAsync(cancel));
        return problems;

        void Quotas(string name, string code, string whose, IReadOnlyList<(string Whose, int Shifts)> quotas, List<string> known)
        {
            if (quotas.DistinctBy(one => one.Whose).Count() < quotas.Count) problems.Add(new($"terms.{name}", $"call.{code}-twice", $"Every {whose} is named once."));
            foreach (var (index, one) in quotas.Index())
                if (!known.Contains(one.Whose)) problems.Add(new($"terms.{name}[{index}]", $"call.{code}-{whose}", $"There is no such {whose}."));
                else if (one.Shifts is < 0 or > MostShifts) problems.Add(new($"terms.{name}[{index}]", $"call.{code}-shifts", $"0 to {MostShifts} shifts."));
        }
    }

    [GeneratedRegex("^[A-Z]{2}\\z")]
    private static partial Regex Country();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}\\z")]
    private static partial Regex Code();
}
