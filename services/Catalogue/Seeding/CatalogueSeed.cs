using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutti.ServiceDefaults;

namespace Tutti.Catalogue.Seeding;

/// <summary>What the catalogue starts from: facts of a published source and our own additions, see <c>Seed/README.md</c>.</summary>
public sealed class CatalogueSeed
{
    private CatalogueSeed(int edition, string hash, SourceCredit source, IReadOnlyList<SeedEntry> entries, IReadOnlyList<SeedInstrument> instruments) =>
        (Edition, Hash, Source, Entries, Instruments) = (edition, hash, source, entries, instruments);

    /// <summary>Grows when the data changes on purpose.</summary>
    public int Edition { get; }

    /// <summary>SHA-256 of all of it.</summary>
    public string Hash { get; }

    /// <summary>Where the facts come from.</summary>
    public SourceCredit Source { get; }

    internal IReadOnlyList<SeedEntry> Entries { get; }

    internal IReadOnlyList<SeedInstrument> Instruments { get; }

    /// <summary>The seed that is part of this program.</summary>
    public static CatalogueSeed Embedded() => Read(Resource("catalogue.json"), Resource("techniques.json"), Resource("additions.json"));

    /// <summary>Text of one file of the embedded seed.</summary>
    public static string Resource(string name)
    {
        using var stream = typeof(CatalogueSeed).Assembly.GetManifestResourceStream(name) ?? throw new InvalidDataException($"The program carries no {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Reads a seed; what contradicts itself stops here and not in a plan.</summary>
    public static CatalogueSeed Read(string catalogue, string techniques, string additions)
    {
        using var catalogueFile = JsonDocument.Parse(catalogue);
        using var techniquesFile = JsonDocument.Parse(techniques);
        var (facts, methods, ours) = (catalogueFile.RootElement, techniquesFile.RootElement, As<Additions>(additions));
        List<SeedEntry> entries =
        [
            .. Records(EntryKind.Partner, facts.GetProperty("partners")),
            .. Records(EntryKind.Site, facts.GetProperty("sites")).Select(site => site with { Additions = Text(TimeZoneOf(As<SourceSite>(site.Record), ours)) }),
            .. Records(EntryKind.Technique, methods.GetProperty("techniques")),
            .. ours.EquipmentKinds.Select((kind, index) => new SeedEntry(EntryKind.EquipmentKind, kind.Code, index, Text(kind), null)),
            .. Records(EntryKind.SupportLab, facts.GetProperty("supportLabs")).Select(laboratory => laboratory with { Additions = Text(KindsOf(As<SourceLaboratory>(laboratory.Record), ours)) }),
            .. Records(EntryKind.Combination, methods.GetProperty("combinations")),
            .. Records(EntryKind.Coupling, facts.GetProperty("schedulingCouplings")).Select(coupling => coupling with { Additions = Text(EffectOf(coupling.Code, ours)) }),
            .. Records(EntryKind.CellDesign, facts.GetProperty("cells")),
            .. Members(EntryKind.Vocabulary, facts.GetProperty("vocabularies")),
            .. Members(EntryKind.PreprocessingRecipe, methods.GetProperty("preprocessingRecipes")),
        ];
        var names = entries.Where(entry => entry.Kind == EntryKind.Technique).Select(entry => As<SourceTechnique>(entry.Record)).ToDictionary(technique => technique.Code);
        var couplings = entries.Where(entry => entry.Kind == EntryKind.Coupling).Select(entry => As<SourceCoupling>(entry.Record)).Where(coupling => EffectOf(coupling.Code, ours).OneAtATime).ToList();
        List<SeedInstrument> instruments = [];
        foreach (var (index, element) in facts.GetProperty("instruments").EnumerateArray().Index())
        {
            var source = As<SourceInstrument>(element.GetRawText());
            instruments.Add(new SeedInstrument(source, Compact(element), index, SharedSources(source.Code, couplings), SearchText(source, names)));
        }
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', catalogue, techniques, additions)));
        return new CatalogueSeed(ours.Edition, Convert.ToHexStringLower(hash), As<SourceCredit>(facts.GetProperty("source").GetRawText()), entries, instruments);
    }

    /// <summary>Couplings by which another instrument has to wait; branches of one instrument hold back nobody else.</summary>
    private static List<string> SharedSources(string instrument, IEnumerable<SourceCoupling> oneAtATime) =>
        [.. oneAtATime.Where(coupling => coupling.Members.Select(InstrumentOf).Distinct().Count() > 1 && coupling.Members.Any(member => InstrumentOf(member) == instrument)).Select(coupling => coupling.Code)];

    private static string InstrumentOf(string member) => member.Split('/')[0];

    private static string SearchText(SourceInstrument source, Dictionary<string, SourceTechnique> techniques)
    {
        var methods = source.Techniques.Select(code => techniques[code]).SelectMany(technique => (IEnumerable<string>)[technique.Code, technique.Name, .. technique.Aliases]);
        return string.Join('\n', [source.Name, source.Code, .. source.Aliases, source.Notes ?? "", .. methods]).ToLowerInvariant();
    }

    private static SiteAddition TimeZoneOf(SourceSite site, Additions ours)
    {
        var zone = ours.TimeZones.SingleOrDefault(known => known.Country == site.Country && known.City == site.City)?.TimeZone
            ?? throw new InvalidDataException($"No time zone is known for {site.City} ({site.Country}), so the shifts of {site.Code} cannot be placed.");
        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? new SiteAddition(zone) : throw new InvalidDataException($"{zone} is no time zone.");
    }

    private static CouplingAddition EffectOf(string coupling, Additions ours) =>
        ours.Couplings.SingleOrDefault(known => known.Code == coupling) is { } known
            ? new CouplingAddition(known.OneAtATime, known.Why)
            : throw new InvalidDataException($"Nobody has said whether the coupling {coupling} makes instruments run one at a time.");

    private static LaboratoryAddition KindsOf(SourceLaboratory laboratory, Additions ours) => new([.. laboratory.Equipment.Select(words =>
        ours.Equipment.SingleOrDefault(known => known.Words == words) is { } known && ours.EquipmentKinds.Any(kind => kind.Code == known.Kind)
            ? known.Kind
            : throw new InvalidDataException($"Nobody has said of which kind of equipment \"{words}\" of {laboratory.Code} is."))]);

    private static IEnumerable<SeedEntry> Records(EntryKind kind, JsonElement list) =>
        list.EnumerateArray().Select((record, index) => new SeedEntry(kind, CodeOf(record), index, Compact(record), null));

    private static IEnumerable<SeedEntry> Members(EntryKind kind, JsonElement record) =>
        record.EnumerateObject().Select((member, index) => new SeedEntry(kind, member.Name, index, Compact(member.Value), null));

    private static string CodeOf(JsonElement record) =>
        (record.TryGetProperty("code", out var code) ? code : record.GetProperty("id")).GetString() ?? throw new InvalidDataException("A record has no code.");

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element, Json.Stored);

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, Json.Stored);

    private static T As<T>(string text) => JsonSerializer.Deserialize<T>(text, Json.Stored) ?? throw new InvalidDataException($"A {typeof(T).Name} is null.");

    private sealed record Additions(
        int Edition, IReadOnlyList<KnownTimeZone> TimeZones, IReadOnlyList<KnownCoupling> Couplings, IReadOnlyList<EquipmentKindRecord> EquipmentKinds, IReadOnlyList<KnownEquipment> Equipment);

    private sealed record KnownTimeZone(string Country, string City, string TimeZone);

    private sealed record KnownEquipment(string Words, string Kind);

    private sealed record KnownCoupling(string Code, bool OneAtATime, string Why);
}

/// <summary>Credit of the facts' source.</summary>
public sealed record SourceCredit(string Title, string Doi, string Licence, string AsOf, string Note);

/// <summary>A record of the seed that is not an instrument.</summary>
internal sealed record SeedEntry(EntryKind Kind, string Code, int Position, string Record, string? Additions);

/// <summary>An instrument of the seed.</summary>
internal sealed record SeedInstrument(SourceInstrument Source, string Record, int Position, IReadOnlyList<string> SharedSources, string SearchText);
