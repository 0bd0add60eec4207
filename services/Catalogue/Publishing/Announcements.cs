using System.Text.Json;
using Tutti.Contracts.Catalogue;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Catalogue.Publishing;

/// <summary>The catalogue's records as told to the other services.</summary>
internal static class Announcements
{
    public static void Announce(this CatalogueDb db, Instrument instrument, TimeProvider time)
    {
        if (instrument.Status == InstrumentStatus.Retired) db.Publish(new InstrumentRetired { InstrumentCode = instrument.Code, Revision = instrument.Revision }, time);
        else db.Publish(Published(instrument), time);
    }

    public static void Announce(this CatalogueDb db, Entry entry, TimeProvider time)
    {
        switch (entry.Kind)
        {
            case EntryKind.Site:
                db.Publish(PublishedSite(entry), time);
                break;
            case EntryKind.Technique:
                db.Publish(PublishedTechnique(entry), time);
                break;
            case EntryKind.CellDesign:
                db.Publish(PublishedCellDesign(entry), time);
                break;
            case EntryKind.SupportLab:
                db.Publish(PublishedLaboratory(entry), time);
                break;
            case EntryKind.EquipmentKind:
                db.Publish(PublishedEquipmentKind(entry), time);
                break;
            case EntryKind.Partner or EntryKind.Combination or EntryKind.Coupling or EntryKind.Vocabulary or EntryKind.PreprocessingRecipe:
                break;
        }
    }

    private static InstrumentPublished Published(Instrument instrument) => new()
    {
        InstrumentCode = instrument.Code, Revision = instrument.Revision, Name = instrument.Name, SiteCode = instrument.SiteCode, PartnerCode = instrument.PartnerCode,
        Status = instrument.Status == InstrumentStatus.UnderConstruction ? "under-construction" : instrument.Status.ToString().ToLowerInvariant(),
        InScheme = instrument.InScheme, Technique = instrument.Technique,
        Techniques = [.. instrument.Techniques.OrderBy(technique => technique.Position).Select(technique => technique.Code)],
        SampleEnvironment = [.. instrument.SampleEnvironment.Select(environment => environment.Code).Order(StringComparer.Ordinal)],
        SampleConstraints = instrument.SampleConstraints, ExSitu = instrument.ExSitu, InSitu = instrument.InSitu, Operando = instrument.Operando, SharedSources = instrument.SharedSources,
    };

    private static SitePublished PublishedSite(Entry entry)
    {
        var (site, ours) = (As<SourceSite>(entry.Record), As<SiteAddition>(entry.Additions ?? ""));
        return new() { SiteCode = site.Code, Revision = entry.Revision, Name = site.Name, City = site.City, Country = site.Country, Kind = site.Kind, TimeZone = ours.TimeZone };
    }

    private static TechniquePublished PublishedTechnique(Entry entry)
    {
        var technique = As<SourceTechnique>(entry.Record);
        return new()
        {
            TechniqueCode = technique.Code, Revision = entry.Revision, Name = technique.Name, Family = technique.Family, Probe = technique.Probe, InstrumentCodes = technique.Instruments,
        };
    }

    private static CellDesignPublished PublishedCellDesign(Entry entry)
    {
        var cell = As<SourceCell>(entry.Record);
        return new()
        {
            CellDesignCode = cell.Code, Revision = entry.Revision, Name = cell.Code.Replace('-', ' '), Facts = cell.Facts, Status = cell.Status,
            InstrumentCodes = [cell.Instrument, .. cell.AlsoFits],
        };
    }

    private static SupportLabPublished PublishedLaboratory(Entry entry)
    {
        var (laboratory, ours) = (As<SourceLaboratory>(entry.Record), As<LaboratoryAddition>(entry.Additions ?? ""));
        return new()
        {
            LaboratoryCode = laboratory.Code, Revision = entry.Revision, Name = laboratory.Name, SiteCode = laboratory.Site, Status = laboratory.Status, InstrumentCodes = laboratory.Serves, Notes = laboratory.Notes ?? "",
            Equipment = [.. laboratory.Equipment.Zip(ours.Kinds, (words, kind) => new LaboratoryPiece { Kind = kind, Words = words })],
        };
    }

    private static EquipmentKindPublished PublishedEquipmentKind(Entry entry)
    {
        var kind = As<EquipmentKindRecord>(entry.Record);
        return new() { KindCode = kind.Code, Revision = entry.Revision, Name = kind.Name, Minimal = kind.Minimal, BeforeHours = kind.BeforeHours, LeadHours = kind.LeadHours };
    }

    private static T As<T>(string text) => JsonSerializer.Deserialize<T>(text, Json.Stored) ?? throw new JsonException($"A {typeof(T).Name} is null.");
}
