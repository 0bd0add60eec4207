using Tutti.ServiceDefaults;

namespace Tutti.Catalogue;

/// <summary>How far an instrument has come.</summary>
public enum InstrumentStatus
{
    /// <summary>It runs and is described.</summary>
    Described,

    /// <summary>It is being built.</summary>
    UnderConstruction,

    /// <summary>It is proposed.</summary>
    Candidate,

    /// <summary>It has left the scheme for good.</summary>
    Retired,
}

/// <summary>Which modes are possible; null: not told.</summary>
public sealed record InstrumentModes(bool? ExSitu, bool? InSitu, bool? Operando);

/// <summary>An instrument: the source's whole record, what is searched and told of it, and what people have changed since.</summary>
public sealed class Instrument
{
    /// <summary>Limit of a code.</summary>
    public const int MaxCode = 64;

    /// <summary>Limit of its name.</summary>
    public const int MaxName = 200;

    private Instrument()
    {
    }

    /// <summary>Code, for example <c>elettra-xafs</c>.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Full name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Where it stands; null for a candidate without a home.</summary>
    public string? SiteCode { get; private set; }

    /// <summary>Who offers it.</summary>
    public string? PartnerCode { get; private set; }

    /// <summary>How far it has come.</summary>
    public InstrumentStatus Status { get; private set; }

    /// <summary>Whether it can be asked for in a proposal (R65).</summary>
    public bool InScheme { get; private set; }

    /// <summary>Main technique.</summary>
    public string Technique { get; private set; } = "";

    /// <summary>All techniques.</summary>
    public List<InstrumentTechnique> Techniques { get; private set; } = [];

    /// <summary>Sample environments on offer.</summary>
    public List<InstrumentEnvironment> SampleEnvironment { get; private set; } = [];

    /// <summary>Codes of constraints on sample and cell.</summary>
    public IReadOnlyList<string> SampleConstraints { get; private set; } = [];

    /// <summary>Whether ex situ work is possible; null: not told.</summary>
    public bool? ExSitu { get; private set; }

    /// <summary>Whether in situ work is possible; null: not told.</summary>
    public bool? InSitu { get; private set; }

    /// <summary>Whether operando work is possible; null: not told.</summary>
    public bool? Operando { get; private set; }

    /// <summary>Sources it shares with others that run one at a time.</summary>
    public IReadOnlyList<string> SharedSources { get; private set; } = [];

    /// <summary>Lower-case text in which it is found: names, former names, code, aliases, notes, names of techniques.</summary>
    public string SearchText { get; private set; } = "";

    /// <summary>Place in the source's order.</summary>
    public int Position { get; private set; }

    /// <summary>The source's record, whole, as JSON.</summary>
    public string Record { get; private set; } = "";

    /// <summary>When it was last changed by hand; from then on the source does not overwrite it.</summary>
    public DateTimeOffset? EditedAt { get; private set; }

    /// <summary>Every change by hand, and every change of the source that was not taken over.</summary>
    public List<InstrumentChange> History { get; private set; } = [];

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>The modes.</summary>
    public InstrumentModes Modes => new(ExSitu, InSitu, Operando);

    /// <summary>Enters an instrument as the source has it.</summary>
    internal static Instrument Enter(SourceInstrument source, string record, int position, IReadOnlyList<string> sharedSources, string searchText)
    {
        var instrument = new Instrument { Code = source.Code };
        instrument.Take(source, record, position, sharedSources, searchText);
        return instrument;
    }

    /// <summary>
    /// Takes over what the source says now; tells whether that is news for others. A record edited by hand stays as it is; that the source
    /// says something else since is noted in its history, once.
    /// </summary>
    internal bool Renew(SourceInstrument source, string record, int position, IReadOnlyList<string> sharedSources, string searchText, Guid changeId, DateTimeOffset now)
    {
        Position = position;
        if (EditedAt is null)
        {
            if (Record == record && SearchText == searchText && SharedSources.SequenceEqual(sharedSources)) return false;
            Take(source, record, position, sharedSources, searchText);
            return true;
        }
        if (Record != record && History.All(change => change.SourceRecord != record))
            History.Add(new InstrumentChange { Id = changeId, InstrumentCode = Code, At = now, Why = "The source has changed; what was edited by hand is kept.", Changes = [], SourceRecord = record });
        return false;
    }

    /// <summary>Changes by hand what can change without a new source; tells whether anything did.</summary>
    public bool Change(string name, bool inScheme, InstrumentModes modes, Guid by, string why, Guid changeId, DateTimeOffset now)
    {
        if (Status == InstrumentStatus.Retired) throw new RuleViolation("instrument.retired", "It has left the scheme for good.");
        if (inScheme && SiteCode is null) throw new RuleViolation("instrument.no-site", "An instrument without a site cannot be asked for in a proposal.");
        List<FieldChange> changes = [];
        Note("name", Name, name);
        Note("inScheme", Text(InScheme), Text(inScheme));
        Note("modes.exSitu", Text(ExSitu), Text(modes.ExSitu));
        Note("modes.inSitu", Text(InSitu), Text(modes.InSitu));
        Note("modes.operando", Text(Operando), Text(modes.Operando));
        if (changes.Count == 0) return false;
        (Name, InScheme, ExSitu, InSitu, Operando) = (name, inScheme, modes.ExSitu, modes.InSitu, modes.Operando);
        var found = name.ToLowerInvariant();
        if (!SearchText.Contains(found, StringComparison.Ordinal)) SearchText = found + "\n" + SearchText;
        Keep(changes, by, why, changeId, now);
        return true;

        void Note(string field, string? from, string? to)
        {
            if (from != to) changes.Add(new FieldChange(field, from, to));
        }
    }

    /// <summary>Takes it out of the scheme for good.</summary>
    public void Retire(Guid by, string why, Guid changeId, DateTimeOffset now)
    {
        if (Status == InstrumentStatus.Retired) throw new RuleViolation("instrument.retired", "It has left the scheme already.");
        List<FieldChange> changes = [new("status", Status.ToString(), nameof(InstrumentStatus.Retired))];
        if (InScheme) changes.Add(new("inScheme", Text(true), Text(false)));
        (Status, InScheme) = (InstrumentStatus.Retired, false);
        Keep(changes, by, why, changeId, now);
    }

    private void Keep(List<FieldChange> changes, Guid by, string why, Guid changeId, DateTimeOffset now)
    {
        History.Add(new InstrumentChange { Id = changeId, InstrumentCode = Code, At = now, By = by, Why = why, Changes = changes });
        (EditedAt, Revision) = (now, Revision + 1);
    }

    private void Take(SourceInstrument source, string record, int position, IReadOnlyList<string> sharedSources, string searchText)
    {
        (Name, PartnerCode, SiteCode, Technique) = (source.Name, source.Partner, source.Site, source.Technique);
        Status = source.Status switch
        {
            "described" => InstrumentStatus.Described,
            "under-construction" => InstrumentStatus.UnderConstruction,
            "candidate" => InstrumentStatus.Candidate,
            _ => throw new InvalidDataException($"{source.Code} has the unknown status '{source.Status}'."),
        };
        InScheme = source.Ceric && Status == InstrumentStatus.Described && SiteCode is not null;
        (ExSitu, InSitu, Operando) = (source.Modes.ExSitu, source.Modes.InSitu, source.Modes.Operando);
        SampleConstraints = [.. source.SampleConstraints.Select(constraint => constraint.Code).Distinct()];
        Techniques.RemoveAll(known => !source.Techniques.Contains(known.Code));
        foreach (var (index, code) in source.Techniques.Distinct().Index())
        {
            if (Techniques.Find(known => known.Code == code) is { } known) known.Position = index;
            else Techniques.Add(new InstrumentTechnique { InstrumentCode = Code, Code = code, Position = index });
        }
        SampleEnvironment.RemoveAll(known => !source.SampleEnvironment.Contains(known.Code));
        foreach (var code in source.SampleEnvironment.Distinct().Where(code => SampleEnvironment.TrueForAll(known => known.Code != code)))
            SampleEnvironment.Add(new InstrumentEnvironment { InstrumentCode = Code, Code = code });
        (Record, Position, SharedSources, SearchText, Revision) = (record, position, sharedSources, searchText, Revision + 1);
    }

    private static string? Text(bool? told) => told switch
    {
        true => "true",
        false => "false",
        null => null,
    };
}

/// <summary>A technique that an instrument offers.</summary>
public sealed class InstrumentTechnique
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>The technique.</summary>
    public required string Code { get; init; }

    /// <summary>Place in the instrument's order.</summary>
    public int Position { get; set; }
}

/// <summary>A sample environment that an instrument offers.</summary>
public sealed class InstrumentEnvironment
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Code of the sample environment.</summary>
    public required string Code { get; init; }
}

/// <summary>What one field was and became.</summary>
public sealed record FieldChange(string Field, string? From, string? To);

/// <summary>One line of an instrument's history; never changed.</summary>
public sealed class InstrumentChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who; null: the source.</summary>
    public Guid? By { get; init; }

    /// <summary>Why.</summary>
    public required string Why { get; init; }

    /// <summary>What.</summary>
    public required IReadOnlyList<FieldChange> Changes { get; init; }

    /// <summary>The source's record that was not taken over.</summary>
    public string? SourceRecord { get; init; }
}
