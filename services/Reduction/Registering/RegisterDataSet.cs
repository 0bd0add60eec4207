using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Reduction;
using Tutti.Reduction.Knowing;
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
    private const int MostWarnings = 100, LongestText = 500;

    // What a form adds around its files; the files themselves are counted as they arrive.
    private const long FormOverhead = 16L << 20;

    internal static void Map(RouteGroupBuilder group, ReductionLimits limits) =>
        group.MapPost("/datasets", Handle)
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxUploadBytes + FormOverhead))
            .Accepts<Stream>("application/octet-stream", "application/zip", "text/csv", "text/plain", "multipart/form-data");

    internal static async Task<Results<Created<Response>, Ok<Response>, NotFound>> Handle(
        Guid experimentId, string name, [FromQuery] string? axisName, [FromQuery] string? axisUnit, [FromHeader(Name = "X-Content-SHA256")] string? sha256,
        HttpRequest request, ReductionDb db, FileStore files, SeriesFiles reading, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var experiment = await db.Experiments.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(known => known.Id == experimentId, cancel);
        if (experiment is null) return TypedResults.NotFound();
        var proposal = await db.Proposals.AsNoTracking().SingleAsync(known => known.Id == experiment.ProposalId, cancel);
        var problems = Check(name, axisName, axisUnit, sha256);
        if (problems.Count > 0) throw RuleViolation.Invalid("data-set.invalid", "The data set cannot be registered like this.", problems);
        if (proposal.Withdrawn) throw new RuleViolation("proposal.withdrawn", "The proposal was withdrawn.");
        if (experiment.Revision != proposal.Revision) throw new RuleViolation("experiment.not-in-proposal", "The experiment is no longer part of the proposal.");

        using var body = new UploadBody(files, limits, UploadBody.Label(name.Trim()));
        await body.ReceiveAsync(request, cancel);
        var hash = HashOf(body.Files);
        if (sha256 is not null && !sha256.Equals(hash, StringComparison.OrdinalIgnoreCase))
            throw RuleViolation.Invalid("upload.checksum", $"What arrived has another checksum: {hash}.", []);
        if (await SameAsync(experimentId, hash, db, cancel) is { } same) return TypedResults.Ok(ResponseOf(same));

        DataSet set;
        try
        {
            var (series, unpacked) = await reading.ReadIncomingAsync(body.Files, axisName?.Trim(), axisUnit?.Trim(), cancel);
            set = Make(Guid.CreateVersion7(time.GetUtcNow()), experiment, name.Trim(), hash, body.Files, series, unpacked, person.Id, time.GetUtcNow());
        }
        catch (SeriesFormatException unreadable)
        {
            throw RuleViolation.Invalid(unreadable.Code, Short(unreadable.Message), []);
        }
        foreach (var (_, file) in body.Files) file.Keep();
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
            if (await SameAsync(experimentId, hash, db, cancel) is not { } first) throw;
            return TypedResults.Ok(ResponseOf(first));
        }
        return TypedResults.Created($"/api/reduction/datasets/{set.Id}", ResponseOf(set));
    }

    /// <summary>The data set as told to the other services.</summary>
    internal static DataSetRegistered Registered(DataSet set) => new()
    {
        DataSetId = set.Id, ProposalId = set.ProposalId, ExperimentId = set.ExperimentId, Revision = 1, Sha256 = set.Sha256,
        Spectra = set.Spectra, Channels = set.Channels, RegisteredBy = set.RegisteredBy, RegisteredAt = set.RegisteredAt,
    };

    private static DataSet Make(
        Guid id, KnownExperiment experiment, string name, string hash, IReadOnlyList<(string Name, IncomingFile File)> files, SpectralSeries series, long unpacked, Guid by, DateTimeOffset now) => new()
    {
        Id = id, ProposalId = experiment.ProposalId, ExperimentId = experiment.Id, Name = name, Sha256 = hash,
        Files = [.. files.Select(file => new DataFile(file.Name, file.File.Sha256, file.File.Length))],
        Length = files.Sum(file => file.File.Length), UnpackedLength = unpacked, Format = series.Format, Spectra = series.Data.Rows, Channels = series.Data.Columns,
        AxisName = Cut(Plain(series.Axis.Name), DataSet.MaxName), AxisUnit = series.Axis.Unit is { } unit ? Cut(Plain(unit), DataSet.MaxName) : null,
        AxisFrom = series.Axis.Values[0], AxisTo = series.Axis.Values[^1],
        Warnings = [.. series.Warnings.Take(MostWarnings).Select(warning => new ReadingWarning(warning.Code, Short(warning.Message)))],
        RegisteredBy = by, RegisteredAt = now,
    };

    private static async Task<DataSet?> SameAsync(Guid experimentId, string hash, ReductionDb db, CancellationToken cancel) =>
        await db.DataSets.AsNoTracking().SingleOrDefaultAsync(set => set.ExperimentId == experimentId && set.Sha256 == hash, cancel);

    private static string HashOf(IReadOnlyList<(string Name, IncomingFile File)> files) => files.Count == 1
        ? files[0].File.Sha256
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.File.Sha256}  {file.Name}\n")))));

    private static List<Problem> Check(string name, string? axisName, string? axisUnit, string? sha256)
    {
        List<Problem> problems = [];
        if (string.IsNullOrWhiteSpace(name) || name.Length > DataSet.MaxName) problems.Add(new("name", "name.length", $"A name of 1 to {DataSet.MaxName} characters is needed."));
        if (axisName is not null && (string.IsNullOrWhiteSpace(axisName) || axisName.Length > 50)) problems.Add(new("axisName", "axis.name", "The name of the axis has 1 to 50 characters."));
        if (axisUnit is not null && (string.IsNullOrWhiteSpace(axisUnit) || axisUnit.Length > 20)) problems.Add(new("axisUnit", "axis.unit", "The unit of the axis has 1 to 20 characters."));
        if (sha256 is not null && (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit))) problems.Add(new("X-Content-SHA256", "checksum.form", "A SHA-256 has 64 hexadecimal digits."));
        return problems;
    }

    private static string Short(string text) => Cut(Plain(text), LongestText);

    // A message may quote the file, whatever is in it.
    private static string Plain(string text) => new([.. text.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '_' : letter)]);

    private static string Cut(string text, int length) => text.Length > length ? text[..length] : text;

    private static Response ResponseOf(DataSet set) => new(set.Id, set.Name, set.Sha256, set.Format, set.Spectra, set.Channels, set.Warnings);

    /// <summary>The data set, new or found.</summary>
    public sealed record Response(Guid Id, string Name, string Sha256, string Format, int Spectra, int Channels, IReadOnlyList<ReadingWarning> Warnings);
}
