using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Registering;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>Makes a data set of files that were uploaded in parts, as if they had come at once: the same rules, the same answer, and asked again the same data set.</summary>
public static class RegisterUploads
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/datasets/from-uploads", Handle);

    internal static async Task<Results<Created<RegisterDataSet.Response>, Ok<RegisterDataSet.Response>, NotFound>> Handle(
        Request request, ReductionDb db, FileStore files, SeriesFiles reading, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var (now, by, wanted) = (time.GetUtcNow(), person.Id, request.Uploads.Distinct().ToList());
        if (wanted.Count == 0 || wanted.Count > limits.MaxFiles || wanted.Count != request.Uploads.Count)
            throw RuleViolation.Invalid("upload.invalid", "The uploads cannot be registered like this.", [new("uploads", "uploads.count", $"1 to {limits.MaxFiles} different uploads are one data set.")]);
        if (await RegisterDataSet.ExperimentAsync(request.DataSet, request.Sha256, person, db, limits, time, cancel) is not { } experiment) return TypedResults.NotFound();
        var uploads = await db.Uploads.Where(upload => wanted.Contains(upload.Id) && upload.Owner == by && upload.ExperimentId == experiment.Id).ToListAsync(cancel);
        if (uploads.Count != wanted.Count || uploads.Exists(upload => upload.IsExpired(now))) return TypedResults.NotFound();
        if (uploads.Find(upload => !upload.IsWhole) is { } part)
            throw new RuleViolation("upload.not-whole", $"{part.FileName} has {part.Offset} of its {part.Length} bytes.");
        if (uploads.Select(upload => upload.FileName).Distinct(StringComparer.Ordinal).Count() != uploads.Count)
            throw RuleViolation.Invalid("upload.name-twice", "Two files have the same name.", []);
        // An array and its axis are worked on in place; whether they are is seen when they are read.
        var arrays = uploads.Count == 2 && uploads.TrueForAll(upload => Path.GetExtension(upload.FileName).Equals(".npy", StringComparison.OrdinalIgnoreCase));
        if (uploads.Count > 1 && !arrays && uploads.Sum(upload => upload.Length) > limits.MaxReadableBytes)
            throw new RuleViolation("upload.too-large", $"At most {limits.MaxReadableBytes} bytes are one data set.", StatusCodes.Status413PayloadTooLarge);

        List<ArrivedFile> arrived = [];
        DataSet set;
        bool isNew;
        try
        {
            foreach (var upload in uploads.OrderBy(upload => upload.FileName, StringComparer.Ordinal)) arrived.Add(await ArrivedAsync(upload, db, files, cancel));
            (set, isNew) = await RegisterDataSet.RegisterAsync(request.DataSet, request.Sha256, experiment, arrived, db, files, reading, limits, by, time, cancel);
        }
        catch (FileNotFoundException)
        {
            throw new RuleViolation("upload.locked", "Another request is registering the upload; ask again.", StatusCodes.Status423Locked);
        }
        db.ChangeTracker.Clear();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            await db.Uploads.Where(upload => wanted.Contains(upload.Id)).ExecuteUpdateAsync(change => change.SetProperty(upload => upload.DataSetId, set.Id), cancel);
            await transaction.CommitAsync(cancel);
        }
        // The content is kept by now, here or from an earlier upload of the same.
        foreach (var upload in wanted) File.Delete(files.UploadPath(upload));
        return isNew ? TypedResults.Created($"/api/reduction/datasets/{set.Id}", RegisterDataSet.ResponseOf(set)) : TypedResults.Ok(RegisterDataSet.ResponseOf(set));
    }

    /// <summary>
    /// The file with its hash, which is written down before the file is moved to its place by content: whoever comes after a kill finds it in one of both
    /// places.
    /// </summary>
    private static async Task<ArrivedFile> ArrivedAsync(Upload upload, ReductionDb db, FileStore files, CancellationToken cancel)
    {
        var path = files.UploadPath(upload.Id);
        // Another request may have registered it since it was read here.
        if (upload.Sha256 is null && !File.Exists(path)) await db.Entry(upload).ReloadAsync(cancel);
        if (upload.Sha256 is null && File.Exists(path))
        {
            upload.Hashed(await FileStore.HashAsync(path, cancel));
            await db.SaveChangesAsync(cancel);
        }
        if (!File.Exists(path) && upload.Sha256 is { } moved) path = files.PathOf(moved);
        return upload.Sha256 is { } sha256 && File.Exists(path) && new FileInfo(path).Length == upload.Length
            ? new ArrivedFile(upload.FileName, path, sha256, upload.Length)
            : throw new RuleViolation("upload.lost", "What was told to be there is not on disk any more; begin a new upload.", StatusCodes.Status410Gone);
    }

    /// <summary>The uploads, and what they are together.</summary>
    public sealed record Request
    {
        /// <summary>The uploads, all of them whole.</summary>
        public required IReadOnlyList<Guid> Uploads { get; init; }

        /// <summary>Experiment, name, and what else is known.</summary>
        public required RegisterDataSet.Request DataSet { get; init; }

        /// <summary>The hash that the data set has to have: of one file its own, of several that of the list of their hashes and names.</summary>
        public string? Sha256 { get; init; }
    }
}
