using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Registering;

/// <summary>Reads what is known of one data set, not its contents. Who may not know of it is told that it does not exist.</summary>
public static class ReadDataSet
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/datasets/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReductionDb db, ClaimsPrincipal person, TimeProvider time, HttpResponse http, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var set = await db.DataSets.AsNoTracking().Include(x => x.History).KnownTo(person, db, now).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (set is null) return TypedResults.NotFound();
        var readable = await db.DataSets.ReadableBy(person, db, now).AnyAsync(x => x.Id == id, cancel);
        http.TellVersion(set.Version);
        return TypedResults.Ok(new Response
        {
            Id = set.Id, ProposalId = set.ProposalId, ExperimentId = set.ExperimentId, Name = set.Name, Sha256 = set.Sha256, Files = set.Files, Length = set.Length,
            Format = set.Format, Spectra = set.Spectra, Channels = set.Channels, AxisName = set.AxisName, AxisUnit = set.AxisUnit, AxisFrom = set.AxisFrom, AxisTo = set.AxisTo,
            Warnings = readable ? set.Warnings : [], RegisteredBy = set.RegisteredBy, RegisteredAt = set.RegisteredAt, InstrumentCode = set.InstrumentCode, Technique = set.Technique,
            Description = set.Description, Sample = set.Sample, Licence = set.Licence, EmbargoUntil = set.EmbargoUntil, Public = set.IsPublic(now),
            History = [.. set.History.OrderBy(change => change.At).ThenBy(change => change.Id).Select(change => new Change(change.At, change.By, change.Licence, change.EmbargoUntil, change.Reason))],
        });
    }

    /// <summary>A change of the terms.</summary>
    public sealed record Change(DateTimeOffset At, Guid By, string? Licence, DateTimeOffset EmbargoUntil, string Reason);

    /// <summary>A data set.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>Its proposal.</summary>
        public required Guid ProposalId { get; init; }

        /// <summary>Its experiment.</summary>
        public required Guid ExperimentId { get; init; }

        /// <summary>Name.</summary>
        public required string Name { get; init; }

        /// <summary>Hash of its content.</summary>
        public required string Sha256 { get; init; }

        /// <summary>Its files.</summary>
        public required IReadOnlyList<DataFile> Files { get; init; }

        /// <summary>Bytes of all files.</summary>
        public required long Length { get; init; }

        /// <summary>Format they were read as.</summary>
        public required string Format { get; init; }

        /// <summary>Number of spectra.</summary>
        public required int Spectra { get; init; }

        /// <summary>Number of channels.</summary>
        public required int Channels { get; init; }

        /// <summary>What runs along a spectrum.</summary>
        public required string AxisName { get; init; }

        /// <summary>Its unit, where known.</summary>
        public required string? AxisUnit { get; init; }

        /// <summary>First place on the axis.</summary>
        public required double AxisFrom { get; init; }

        /// <summary>Last place on the axis.</summary>
        public required double AxisTo { get; init; }

        /// <summary>What the reader assumed or left out; empty for who may not read the contents, which warnings quote.</summary>
        public required IReadOnlyList<ReadingWarning> Warnings { get; init; }

        /// <summary>Who uploaded it.</summary>
        public required Guid RegisteredBy { get; init; }

        /// <summary>When.</summary>
        public required DateTimeOffset RegisteredAt { get; init; }

        /// <summary>The instrument.</summary>
        public required string InstrumentCode { get; init; }

        /// <summary>Technique, by its code.</summary>
        public required string? Technique { get; init; }

        /// <summary>What was measured.</summary>
        public required string? Description { get; init; }

        /// <summary>The sample.</summary>
        public required string? Sample { get; init; }

        /// <summary>The licence; null: all rights are reserved.</summary>
        public required string? Licence { get; init; }

        /// <summary>Until then only those may read it who measured it.</summary>
        public required DateTimeOffset EmbargoUntil { get; init; }

        /// <summary>Whether everybody who is signed in may read it now.</summary>
        public required bool Public { get; init; }

        /// <summary>Each change of the terms, the oldest first.</summary>
        public required IReadOnlyList<Change> History { get; init; }
    }
}
