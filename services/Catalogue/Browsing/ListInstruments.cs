using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Catalogue.Browsing;

/// <summary>
/// Anybody looks for instruments: by technique, site, partner, sample environment, mode (only those of which it is told), status, scheme,
/// and words of the text. A filter value that the catalogue does not know is an error, never an empty list.
/// </summary>
public static class ListInstruments
{
    private const int PageSize = 100, MaxText = 200, MaxWords = 10;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/instruments", Handle);

    internal static async Task<Ok<List<Response>>> Handle([AsParameters] Request request, CatalogueDb db, CancellationToken cancel)
    {
        var problems = await CheckAsync(request, db, cancel);
        if (problems.Count > 0) throw RuleViolation.Invalid("catalogue.filter-invalid", "The catalogue cannot be filtered like this.", problems);
        var found = db.Instruments.AsNoTracking();
        if (Given(request.Technique)) found = found.Where(x => x.Techniques.Any(technique => technique.Code == request.Technique));
        if (Given(request.Site)) found = found.Where(x => x.SiteCode == request.Site);
        if (Given(request.Partner)) found = found.Where(x => x.PartnerCode == request.Partner);
        if (Given(request.SampleEnvironment)) found = found.Where(x => x.SampleEnvironment.Any(environment => environment.Code == request.SampleEnvironment));
        if (Statuses.TryGetValue(request.Status ?? "", out var status)) found = found.Where(x => x.Status == status);
        if (Given(request.InScheme)) found = request.InScheme == "true" ? found.Where(x => x.InScheme) : found.Where(x => !x.InScheme);
        found = request.Mode switch
        {
            "ex-situ" => found.Where(x => x.ExSitu == true),
            "in-situ" => found.Where(x => x.InSitu == true),
            "operando" => found.Where(x => x.Operando == true),
            _ => found,
        };
        foreach (var word in Words(request)) found = found.Where(x => x.SearchText.Contains(word));
        return TypedResults.Ok(await found.OrderBy(x => x.Position).ThenBy(x => x.Code).Skip(((request.Page ?? 1) - 1) * PageSize).Take(PageSize)
            .Select(x => new Response(
                x.Code, x.Name, x.SiteCode, x.PartnerCode, x.Status, x.InScheme, x.Technique,
                x.Techniques.OrderBy(technique => technique.Position).Select(technique => technique.Code).ToList(),
                x.SampleEnvironment.OrderBy(environment => environment.Code).Select(environment => environment.Code).ToList(),
                new InstrumentModes(x.ExSitu, x.InSitu, x.Operando)))
            .AsSplitQuery().ToListAsync(cancel));
    }

    private static readonly Dictionary<string, InstrumentStatus> Statuses = new()
    {
        ["described"] = InstrumentStatus.Described, ["under-construction"] = InstrumentStatus.UnderConstruction, ["candidate"] = InstrumentStatus.Candidate, ["retired"] = InstrumentStatus.Retired,
    };

    private static bool Given(string? value) => !string.IsNullOrEmpty(value);

    private static string[] Words(Request request) => (request.Text ?? "").ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static async Task<List<Problem>> CheckAsync(Request request, CatalogueDb db, CancellationToken cancel)
    {
        List<Problem> problems = [];
        await KnownAsync("technique", request.Technique, EntryKind.Technique);
        await KnownAsync("site", request.Site, EntryKind.Site);
        await KnownAsync("partner", request.Partner, EntryKind.Partner);
        if (Given(request.SampleEnvironment) && !await IsSampleEnvironmentAsync(request.SampleEnvironment ?? "", db, cancel)) Unknown("sampleEnvironment", request.SampleEnvironment, "sample-environment.unknown");
        if (Given(request.Mode) && request.Mode is not ("ex-situ" or "in-situ" or "operando")) Unknown("mode", request.Mode, "mode.unknown");
        if (Given(request.Status) && !Statuses.ContainsKey(request.Status ?? "")) Unknown("status", request.Status, "status.unknown");
        if (Given(request.InScheme) && request.InScheme is not ("true" or "false")) Unknown("inScheme", request.InScheme, "in-scheme.unknown");
        if (request.Text?.Length > MaxText || Words(request).Length > MaxWords) problems.Add(new("text", "text.too-long", $"At most {MaxWords} words of {MaxText} characters together."));
        if (request.Page is < 1 or > 10_000) problems.Add(new("page", "request.page", "Pages count from 1 to 10000."));
        return problems;

        async Task KnownAsync(string path, string? value, EntryKind kind)
        {
            if (Given(value) && !await db.Entries.AnyAsync(entry => entry.Kind == kind && entry.Code == value, cancel)) Unknown(path, value, $"{path}.unknown");
        }

        void Unknown(string path, string? value, string code) =>
            problems.Add(new(path, code, $"The catalogue does not know '{(value?.Length > Instrument.MaxCode ? value[..Instrument.MaxCode] + "..." : value)}'."));
    }

    private static async Task<bool> IsSampleEnvironmentAsync(string code, CatalogueDb db, CancellationToken cancel)
    {
        var vocabulary = await db.Entries.AsNoTracking().SingleAsync(entry => entry.Kind == EntryKind.Vocabulary && entry.Code == "sampleEnvironment", cancel);
        using var words = JsonDocument.Parse(vocabulary.Record);
        return words.RootElement.TryGetProperty(code, out _);
    }

    /// <summary>The filters; all that are given must hold.</summary>
    public sealed record Request(
        string? Technique, string? Site, string? Partner, string? SampleEnvironment, string? Mode, string? Status, string? InScheme, string? Text, int? Page);

    /// <summary>One line of the list.</summary>
    public sealed record Response(
        string Code, string Name, string? Site, string? Partner, InstrumentStatus Status, bool InScheme, string Technique, IReadOnlyList<string> Techniques,
        IReadOnlyList<string> SampleEnvironment, InstrumentModes Modes);
}
