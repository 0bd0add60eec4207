using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Reduction;
using Tutti.Reduction.Knowing;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Reduction.Registering;

/// <summary>
/// A team, or the staff who measured with it, uploads a series. Once this has answered, the files are on disk and read without error, and the
/// data set is registered together with the event that tells of it. The same content again gives the data set that is there already.
/// </summary>
public static class RegisterDataSet
{
    private const string NaN = "nan";
    private const int MostWarnings = 100, LongestText = 500;

    // What a form adds around its files; the files themselves are counted as they arrive.
    private const long FormOverhead = 16L << 20;

    internal static void Map(RouteGroupBuilder group, ReductionLimits limits) =>
        group.MapPost("/datasets", Handle)
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxUploadBytes + FormOverhead))
            .Accepts<Stream>("application/octet-stream", "application/zip", "text/csv", "text/plain", "multipart/form-data");

    internal static async Task<Results<Created<Response>, Ok<Response>, NotFound>> Handle(
        [AsParameters] Request request, [FromHeader(Name = UploadBody.SumHeader)] string? sha256, HttpRequest http, ReductionDb db, FileStore files, SeriesFiles reading,
        ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        if (await ExperimentAsync(request, sha256, person, db, limits, time, cancel) is not { } experiment) return TypedResults.NotFound();
        using var body = new UploadBody(files, limits, UploadBody.Label(request.Name.Trim()));
        await body.ReceiveAsync(http, cancel);
        var (set, isNew) = await RegisterAsync(request, sha256, experiment, body.Files, db, files, reading, limits, person.Id, time, cancel);
        return isNew ? TypedResults.Created($"/api/reduction/datasets/{set.Id}", ResponseOf(set)) : TypedResults.Ok(ResponseOf(set));
    }

    /// <summary>The experiment, if the caller may work with its data; refuses what cannot be registered, before anything is received.</summary>
    internal static async Task<KnownExperiment?> ExperimentAsync(
        Request request, string? sha256, ClaimsPrincipal person, ReductionDb db, ReductionLimits limits, TimeProvider time, CancellationToken cancel)
    {
        if (await OpenExperimentAsync(request.ExperimentId, person, db, cancel) is not { } experiment) return null;
        var problems = Check(request, sha256);
        if (request.Technique is { } technique && !await db.Techniques.AnyAsync(known => known.Code == technique, cancel))
            problems.Add(new("technique", "technique.unknown", "The vocabulary of techniques does not have this one."));
        if (problems.Count > 0) throw RuleViolation.Invalid("data-set.invalid", "The data set cannot be registered like this.", problems);
        await RequireInProposalAsync(experiment, db, cancel);
        await RequireMayOpenAsync(request, experiment, person.Id, db, limits, time, cancel);
        return experiment;
    }

    /// <summary>
    /// What is open stays open, so only the lead of the team may let data out before the embargo of the installation is over. Anybody who registers may name a
    /// licence that comes after it: until then the lead can change it.
    /// </summary>
    private static async Task RequireMayOpenAsync(
        Request request, KnownExperiment experiment, Guid by, ReductionDb db, ReductionLimits limits, TimeProvider time, CancellationToken cancel)
    {
        if (request.Licence is null || request.EmbargoUntil is not { } until || until >= time.GetUtcNow() + limits.DefaultEmbargo) return;
        if (!await db.Members.AnyAsync(member => member.ProposalId == experiment.ProposalId && member.PersonId == by && member.Leads, cancel))
            throw RuleViolation.Forbidden(
                "embargo_needs_lead", $"Only the lead of the team opens data earlier than after {limits.DefaultEmbargo.TotalDays:0} days; register them without an end of the embargo.");
    }

    /// <summary>An experiment whose data the person may work with.</summary>
    internal static async Task<KnownExperiment?> OpenExperimentAsync(Guid experimentId, ClaimsPrincipal person, ReductionDb db, CancellationToken cancel) =>
        await db.Experiments.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(known => known.Id == experimentId, cancel);

    /// <summary>Refuses data of an experiment that the proposal does not have any more.</summary>
    internal static async Task RequireInProposalAsync(KnownExperiment experiment, ReductionDb db, CancellationToken cancel)
    {
        var proposal = await db.Proposals.AsNoTracking().SingleAsync(known => known.Id == experiment.ProposalId, cancel);
        if (proposal.Withdrawn) throw new RuleViolation("proposal.withdrawn", "The proposal was withdrawn.");
        if (experiment.Revision != proposal.Revision) throw new RuleViolation("experiment.not-in-proposal", "The experiment is no longer part of the proposal.");
    }

    /// <summary>Reads the files, keeps them, and registers the data set together with the event that tells of it; the same content gives the one there is.</summary>
    internal static async Task<(DataSet Set, bool IsNew)> RegisterAsync(
        Request request, string? sha256, KnownExperiment experiment, IReadOnlyList<ArrivedFile> arrived, ReductionDb db, FileStore files, SeriesFiles reading, ReductionLimits limits,
        Guid by, TimeProvider time, CancellationToken cancel)
    {
        var hash = HashOf(arrived);
        if (sha256 is not null && !sha256.Equals(hash, StringComparison.OrdinalIgnoreCase))
            throw RuleViolation.Invalid("upload.checksum", $"What arrived has another checksum: {hash}.", []);
        if (await SameAsync(experiment.Id, hash, db, cancel) is { } same) return (same, false);

        DataSet set;
        var now = time.GetUtcNow();
        try
        {
            var (series, unpacked) = await reading.ReadIncomingAsync(arrived, request.AxisName?.Trim(), request.AxisUnit?.Trim(), request.Missing == NaN, cancel);
            var instrument = await db.Instruments.AsNoTracking().SingleOrDefaultAsync(known => known.Code == experiment.InstrumentCode, cancel);
            using var data = series.Data;
            set = Make(Guid.CreateVersion7(now), experiment, instrument, request, hash, arrived, series, unpacked, by, now);
        }
        catch (SeriesFormatException unreadable)
        {
            throw RuleViolation.Invalid(unreadable.Code, Short(unreadable.Message), []);
        }
        catch (StorageFullException full)
        {
            throw new RuleViolation(StorageFullException.Code, full.Message, StatusCodes.Status507InsufficientStorage);
        }
        set.SetTerms(Guid.CreateVersion7(now), request.Licence, request.EmbargoUntil ?? now + limits.DefaultEmbargo, by, "registered", now);
        foreach (var file in arrived) files.Keep(file.Path, file.Sha256);
        db.Add(set);
        db.Publish(Registered(set), time);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Two uploads of the same content at once: the second finds the first.
            db.ChangeTracker.Clear();
            if (await SameAsync(experiment.Id, hash, db, cancel) is not { } first) throw;
            return (first, false);
        }
        return (set, true);
    }

    /// <summary>The data set as told to the other services.</summary>
    internal static DataSetRegistered Registered(DataSet set) => new()
    {
        DataSetId = set.Id, ProposalId = set.ProposalId, ExperimentId = set.ExperimentId, Revision = 1, Sha256 = set.Sha256,
        Spectra = set.Spectra, Channels = set.Channels, RegisteredBy = set.RegisteredBy, RegisteredAt = set.RegisteredAt,
    };

    private static DataSet Make(
        Guid id, KnownExperiment experiment, KnownInstrument? instrument, Request request, string hash, IReadOnlyList<ArrivedFile> files, SpectralSeries series, long unpacked, Guid by,
        DateTimeOffset now) => new()
    {
        Id = id, ProposalId = experiment.ProposalId, ExperimentId = experiment.Id, Name = request.Name.Trim(), Sha256 = hash,
        InstrumentCode = experiment.InstrumentCode, Technique = request.Technique ?? instrument?.Technique, Description = request.Description?.Trim(), Sample = request.Sample?.Trim(),
        Files = [.. files.Select(file => new DataFile(file.Name, file.Sha256, file.Length))],
        Length = files.Sum(file => file.Length), UnpackedLength = unpacked, Format = series.Format, InPlace = series.Data.IsMapped, HasMissing = series.Present is not null, Spectra = series.Data.Rows, Channels = series.Data.Columns,
        AxisName = Cut(Plain(series.Axis.Name), DataSet.MaxName), AxisUnit = series.Axis.Unit is { } unit ? Cut(Plain(unit), DataSet.MaxName) : null,
        AxisFrom = series.Axis.Values[0], AxisTo = series.Axis.Values[^1],
        Warnings = [.. series.Warnings.Take(MostWarnings).Select(warning => new ReadingWarning(warning.Code, Short(warning.Message)))],
        RegisteredBy = by, RegisteredAt = now,
    };

    private static async Task<DataSet?> SameAsync(Guid experimentId, string hash, ReductionDb db, CancellationToken cancel) =>
        await db.DataSets.AsNoTracking().SingleOrDefaultAsync(set => set.ExperimentId == experimentId && set.Sha256 == hash, cancel);

    private static string HashOf(IReadOnlyList<ArrivedFile> files) => files.Count == 1
        ? files[0].Sha256
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n")))));

    private static List<Problem> Check(Request request, string? sha256)
    {
        List<Problem> problems = [];
        void Rule(bool kept, string path, string code, string message)
        {
            if (!kept) problems.Add(new(path, code, message));
        }
        static bool Fits(string? text, int most) => text is null || (!string.IsNullOrWhiteSpace(text) && text.Length <= most);
        Rule(!string.IsNullOrWhiteSpace(request.Name) && request.Name.Length <= DataSet.MaxName, "name", "name.length", $"A name of 1 to {DataSet.MaxName} characters is needed.");
        Rule(request.Missing is null or NaN or "refused", "missing", "missing.unknown", "NaN in the files is refused, or is what was not measured: nan.");
        Rule(Fits(request.AxisName, 50), "axisName", "axis.name", "The name of the axis has 1 to 50 characters.");
        Rule(Fits(request.AxisUnit, 20), "axisUnit", "axis.unit", "The unit of the axis has 1 to 20 characters.");
        Rule(Fits(request.Description, DataSet.MaxDescription), "description", "description.length", $"The description has 1 to {DataSet.MaxDescription} characters.");
        Rule(Fits(request.Sample, DataSet.MaxName), "sample", "sample.length", $"The name of the sample has 1 to {DataSet.MaxName} characters.");
        Rule(request.Licence is null || Licences.Find(request.Licence) is not null, "licence", "licence.unknown", $"Known licences are {string.Join(", ", Licences.All)}.");
        Rule(sha256 is null || (sha256.Length == 64 && sha256.All(char.IsAsciiHexDigit)), UploadBody.SumHeader, "checksum.form", "A SHA-256 has 64 hexadecimal digits.");
        return problems;
    }

    private static string Short(string text) => Cut(Plain(text), LongestText);

    // A message may quote the file, whatever is in it.
    private static string Plain(string text) => new([.. text.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '_' : letter)]);

    private static string Cut(string text, int length) => text.Length > length ? text[..length] : text;

    internal static Response ResponseOf(DataSet set) => new(set.Id, set.Name, set.Sha256, set.Format, set.Spectra, set.Channels, set.Warnings);

    /// <summary>What the data are; in the address of a direct upload, in the body for uploads in parts.</summary>
    public sealed record Request
    {
        /// <summary>The experiment they were measured in.</summary>
        [FromQuery(Name = "experimentId")]
        public required Guid ExperimentId { get; init; }

        /// <summary>A name for them.</summary>
        [FromQuery(Name = "name")]
        public required string Name { get; init; }

        /// <summary>What runs along a spectrum, where the files do not tell.</summary>
        [FromQuery(Name = "axisName")]
        public string? AxisName { get; init; }

        /// <summary>Its unit.</summary>
        [FromQuery(Name = "axisUnit")]
        public string? AxisUnit { get; init; }

        /// <summary>What NaN in the files means: nan, a value that was not measured; refused, where nothing is said.</summary>
        [FromQuery(Name = "missing")]
        public string? Missing { get; init; }

        /// <summary>What was measured, in words.</summary>
        [FromQuery(Name = "description")]
        public string? Description { get; init; }

        /// <summary>The sample, by the name the team gives it.</summary>
        [FromQuery(Name = "sample")]
        public string? Sample { get; init; }

        /// <summary>Technique, by the code of the vocabulary; that of the instrument where none is named.</summary>
        [FromQuery(Name = "technique")]
        public string? Technique { get; init; }

        /// <summary>SPDX identifier of the licence, for example CC-BY-4.0; none: all rights are reserved.</summary>
        [FromQuery(Name = "licence")]
        public string? Licence { get; init; }

        /// <summary>Until then only those may read the data who measured them; where none is named, what the installation says (three years). Shorter, with a
        /// licence: only by the lead.</summary>
        [FromQuery(Name = "embargoUntil")]
        public DateTimeOffset? EmbargoUntil { get; init; }
    }

    /// <summary>The data set, new or found.</summary>
    public sealed record Response(Guid Id, string Name, string Sha256, string Format, int Spectra, int Channels, IReadOnlyList<ReadingWarning> Warnings);
}
