using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>
/// A series of spectra as it was measured: its files, what they were read as, and who may read them when. Only the terms ever change, and each change is
/// kept.
/// </summary>
public sealed class DataSet
{
    /// <summary>Longest name.</summary>
    public const int MaxName = 200;

    /// <summary>Longest description.</summary>
    public const int MaxDescription = 4000;

    /// <summary>Longest embargo, years from the moment it is set.</summary>
    public const int MaxEmbargoYears = 10;

    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Name given by who uploaded it.</summary>
    public required string Name { get; init; }

    /// <summary>The instrument it was measured at.</summary>
    public string InstrumentCode { get; init; } = "";

    /// <summary>Technique, by the code of the vocabulary.</summary>
    public string? Technique { get; init; }

    /// <summary>What was measured, in the words of who uploaded it.</summary>
    public string? Description { get; init; }

    /// <summary>The sample, by the name the team gives it.</summary>
    public string? Sample { get; init; }

    /// <summary>Hash of its content, hex: that of the file, or, of several, that of the list of their hashes and names.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes of all files when archives are unpacked.</summary>
    public required long UnpackedLength { get; init; }

    /// <summary>Format they were read as.</summary>
    public required string Format { get; init; }

    /// <summary>Whether it is worked on in its file: a plain array.</summary>
    public bool InPlace { get; init; }

    /// <summary>Whether values are missing: NaN in its files means that something was not measured.</summary>
    public bool HasMissing { get; init; }

    /// <summary>Number of spectra; of the log of a cycler, of its quantities.</summary>
    public required int Spectra { get; init; }

    /// <summary>Number of channels.</summary>
    public required int Channels { get; init; }

    /// <summary>What runs along a spectrum.</summary>
    public required string AxisName { get; init; }

    /// <summary>Its unit, where known.</summary>
    public string? AxisUnit { get; init; }

    /// <summary>First place on the axis.</summary>
    public required double AxisFrom { get; init; }

    /// <summary>Last place on the axis.</summary>
    public required double AxisTo { get; init; }

    /// <summary>What the reader assumed or left out.</summary>
    public required IReadOnlyList<ReadingWarning> Warnings { get; init; }

    /// <summary>Who uploaded it.</summary>
    public required Guid RegisteredBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>The licence under which others may read it once the embargo is over; null: all rights are reserved.</summary>
    public string? Licence { get; private set; }

    /// <summary>Until then only those may read it who measured it.</summary>
    public DateTimeOffset EmbargoUntil { get; private set; }

    /// <summary>Each change of licence or embargo, the first at registration.</summary>
    public List<TermsChange> History { get; private set; } = [];

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>Whether everybody who is signed in may read it.</summary>
    public bool IsPublic(DateTimeOffset now) => Licence is not null && EmbargoUntil <= now;

    /// <summary>Sets licence and embargo. What is open to everybody stays so: a licence cannot be taken back.</summary>
    public void SetTerms(Guid changeId, string? licence, DateTimeOffset embargoUntil, Guid by, string reason, DateTimeOffset now)
    {
        var known = licence is null ? null : Licences.Find(licence)
            ?? throw RuleViolation.Invalid("data-set.invalid", "The data set cannot have these terms.", [new("licence", "licence.unknown", $"Known licences are {string.Join(", ", Licences.All)}.")]);
        if (embargoUntil > now.AddYears(MaxEmbargoYears))
            throw RuleViolation.Invalid("data-set.invalid", "The data set cannot have these terms.", [new("embargoUntil", "embargo.too-long", $"An embargo ends within {MaxEmbargoYears} years.")]);
        if (History.Count > 0 && known == Licence && embargoUntil == EmbargoUntil) return;
        if (IsPublic(now)) throw new RuleViolation("data-set.public", "The data are open to everybody already; a licence cannot be taken back.");
        (Licence, EmbargoUntil) = (known, embargoUntil);
        History.Add(new TermsChange { Id = changeId, DataSetId = Id, At = now, By = by, Licence = known, EmbargoUntil = embargoUntil, Reason = reason });
    }
}

/// <summary>Who changed licence or embargo of a data set, when, to what and why.</summary>
public sealed class TermsChange
{
    /// <summary>Longest reason.</summary>
    public const int MaxReason = 500;

    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The data set.</summary>
    public required Guid DataSetId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>The licence since then.</summary>
    public required string? Licence { get; init; }

    /// <summary>The end of the embargo since then.</summary>
    public required DateTimeOffset EmbargoUntil { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>The licences a data set can be given, by their SPDX identifiers; each of them lets everybody read.</summary>
public static class Licences
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "ODC-By-1.0", "ODbL-1.0", "PDDL-1.0"];

    /// <summary>The licence as it is written, or null where it is none of them.</summary>
    public static string? Find(string text) => All.FirstOrDefault(known => known.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase));
}

/// <summary>One file of a data set, under the name its owner gave it.</summary>
public sealed record DataFile(string Name, string Sha256, long Length);
