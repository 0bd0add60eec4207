using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Registering;

/// <summary>Reads what is known of one data set, not its contents. Who may not know of it is told that it does not exist.</summary>
public static class ReadDataSet
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/datasets/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReductionDb db, ClaimsPrincipal person, CancellationToken cancel) =>
        await db.DataSets.AsNoTracking().KnownTo(person, db).SingleOrDefaultAsync(set => set.Id == id, cancel) is { } set
            ? TypedResults.Ok(new Response
            {
                Id = set.Id, ProposalId = set.ProposalId, ExperimentId = set.ExperimentId, Name = set.Name, Sha256 = set.Sha256, Files = set.Files, Length = set.Length,
                Format = set.Format, Spectra = set.Spectra, Channels = set.Channels, AxisName = set.AxisName, AxisUnit = set.AxisUnit, AxisFrom = set.AxisFrom, AxisTo = set.AxisTo,
                Warnings = set.Warnings, RegisteredBy = set.RegisteredBy, RegisteredAt = set.RegisteredAt,
            })
            : TypedResults.NotFound();

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

        /// <summary>What the reader assumed or left out.</summary>
        public required IReadOnlyList<ReadingWarning> Warnings { get; init; }

        /// <summary>Who uploaded it.</summary>
        public required Guid RegisteredBy { get; init; }

        /// <summary>When.</summary>
        public required DateTimeOffset RegisteredAt { get; init; }
    }
}
