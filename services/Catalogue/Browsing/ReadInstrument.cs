using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Catalogue.Browsing;

/// <summary>Anybody reads one instrument: what holds now, and beside it the source's whole record.</summary>
public static class ReadInstrument
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/instruments/{code}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(string code, CatalogueDb db, HttpResponse http, CancellationToken cancel)
    {
        var found = await db.Instruments.AsNoTracking().Include(x => x.Techniques).Include(x => x.SampleEnvironment).AsSplitQuery().SingleOrDefaultAsync(x => x.Code == code, cancel);
        if (found is null) return TypedResults.NotFound();
        http.TellVersion(found.Version);
        return TypedResults.Ok(new Response
        {
            Code = found.Code, Name = found.Name, Site = found.SiteCode, Partner = found.PartnerCode, Status = found.Status, InScheme = found.InScheme, Technique = found.Technique,
            Techniques = [.. found.Techniques.OrderBy(technique => technique.Position).Select(technique => technique.Code)],
            SampleEnvironment = [.. found.SampleEnvironment.Select(environment => environment.Code).Order(StringComparer.Ordinal)],
            SampleConstraints = found.SampleConstraints, Modes = found.Modes, SharedSources = found.SharedSources, EditedAt = found.EditedAt, Revision = found.Revision,
            Record = JsonElement.Parse(found.Record),
        });
    }

    /// <summary>An instrument.</summary>
    public sealed record Response
    {
        /// <summary>Code.</summary>
        public required string Code { get; init; }

        /// <summary>Full name.</summary>
        public required string Name { get; init; }

        /// <summary>Where it stands.</summary>
        public required string? Site { get; init; }

        /// <summary>Who offers it.</summary>
        public required string? Partner { get; init; }

        /// <summary>How far it has come.</summary>
        public required InstrumentStatus Status { get; init; }

        /// <summary>Whether it can be asked for in a proposal.</summary>
        public required bool InScheme { get; init; }

        /// <summary>Main technique.</summary>
        public required string Technique { get; init; }

        /// <summary>All techniques.</summary>
        public required IReadOnlyList<string> Techniques { get; init; }

        /// <summary>Sample environments on offer.</summary>
        public required IReadOnlyList<string> SampleEnvironment { get; init; }

        /// <summary>Constraints on sample and cell.</summary>
        public required IReadOnlyList<string> SampleConstraints { get; init; }

        /// <summary>Which modes are possible.</summary>
        public required InstrumentModes Modes { get; init; }

        /// <summary>Sources it shares with others that run one at a time.</summary>
        public required IReadOnlyList<string> SharedSources { get; init; }

        /// <summary>When it was last changed by hand.</summary>
        public required DateTimeOffset? EditedAt { get; init; }

        /// <summary>Revision last told to the other services.</summary>
        public required int Revision { get; init; }

        /// <summary>The source's record as it was printed; what was changed by hand since is not in it.</summary>
        public required JsonElement Record { get; init; }
    }
}
