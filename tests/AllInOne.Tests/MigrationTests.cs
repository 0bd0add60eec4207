using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Testcontainers.MsSql;
using Tutti.Catalogue;
using Tutti.CellPool;
using Tutti.Identity;
using Tutti.Proposals;
using Tutti.Proposals.Calls;
using Tutti.Proposals.Lifecycle;
using Tutti.Reduction;
using Tutti.Review;
using Tutti.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.AllInOne.Tests;

/// <summary>One migration set per service, on every engine.</summary>
public sealed class The_migrations_of
{
    public static TheoryData<string> Services() => [.. Repository.Services];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Each_service_run_on_sqlite_and_fit_its_model(string service)
    {
        using var folder = new TemporaryFolder("migrations");
        await using var db = Context(service, DatabaseProvider.Sqlite, new() { ["Tutti:Data"] = folder.Path });
        await MigrateAsync(db);
    }

    [Theory]
    [MemberData(nameof(Services))]
    [Trait("needs", "servers")]
    public async Task Each_service_run_on_postgresql_and_fit_its_model(string service)
    {
        var server = await SharedServers.PostgreSqlAsync();
        await using var db = Context(service, DatabaseProvider.PostgreSql, new() { ["Tutti:Database:ConnectionString"] = server.ConnectionString, ["Tutti:Database:Prefix"] = $"m{Guid.CreateVersion7():N}_" });
        await MigrateAsync(db);
    }

    /// <summary>Without a SQL Server at hand: its provider writes the script, and the parser of SQL Server's own tools reads it.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void Each_service_are_correct_for_sql_server(string service)
    {
        using var db = Context(service, DatabaseProvider.SqlServer, new() { ["Tutti:Database:ConnectionString"] = "Server=127.0.0.1" });
        Assert.False(db.Database.HasPendingModelChanges());
        var script = db.GetService<IMigrator>().GenerateScript();
        Assert.Empty(ParseErrors(script));
        Assert.DoesNotContain("TEXT", script, StringComparison.Ordinal);
    }

    /// <summary>What is learned from events carries the revision it was learned at; without a version the older of two at once could stay.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void Each_service_guard_every_row_with_a_revision_by_a_version(string service)
    {
        using var db = Context(service, DatabaseProvider.Sqlite, new() { ["Tutti:Data"] = Path.GetTempPath() });
        var unguarded = db.Model.GetEntityTypes().Where(entity => entity.FindProperty("Revision") is { PropertyInfo: { } revision } && !IsWrittenOnce(revision)
            && entity.FindProperty("Version") is not { IsConcurrencyToken: true });
        Assert.Empty(unguarded.Select(entity => entity.DisplayName()));
        Assert.True(IsWrittenOnce(typeof(Placement).GetProperty(nameof(Placement.Revision))));
        Assert.False(IsWrittenOnce(typeof(Call).GetProperty(nameof(Call.Revision))));
    }

    /// <summary>Lines of a history are never changed.</summary>
    private static bool IsWrittenOnce(PropertyInfo? property) =>
        property?.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;

    [Fact]
    public void Each_service_are_parsed_by_a_parser_that_finds_errors() => Assert.NotEmpty(ParseErrors("CREATE TABLE [T] ([Id] int NOT NULL,, );"));

    [Fact]
    public async Task Each_service_run_on_sql_server_and_fit_its_model()
    {
        if (!await DockerEngine.AnswersAsync()) Assert.Skip("SQL Server runs only in a container, and no Docker engine answers here.");
        await using var server = new MsSqlBuilder("mcr.microsoft.com/mssql/server:2022-latest").Build();
        await server.StartAsync(TestContext.Current.CancellationToken);
        foreach (var service in Repository.Services)
        {
            await using var db = Context(service, DatabaseProvider.SqlServer, new() { ["Tutti:Database:ConnectionString"] = server.GetConnectionString().Replace("Database=master;", "", StringComparison.Ordinal) });
            await MigrateAsync(db);
        }
    }

    private static async Task MigrateAsync(DbContext db)
    {
        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await db.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
        Assert.False(db.Database.HasPendingModelChanges());
        await db.Database.EnsureDeletedAsync(TestContext.Current.CancellationToken);
    }

    private static IList<ParseError> ParseErrors(string script)
    {
        using var reader = new StringReader(script);
        new TSql160Parser(initialQuotedIdentifiers: true).Parse(reader, out var errors);
        return errors;
    }

    private static DbContext Context(string service, DatabaseProvider provider, Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return service switch
        {
            "Catalogue" => new CatalogueDb(Options<CatalogueDb>()),
            "CellPool" => new CellPoolDb(Options<CellPoolDb>()),
            "Identity" => new IdentityDb(Options<IdentityDb>()),
            "Proposals" => new ProposalsDb(Options<ProposalsDb>()),
            "Reduction" => new ReductionDb(Options<ReductionDb>()),
            "Review" => new ReviewDb(Options<ReviewDb>()),
            "Scheduling" => new SchedulingDb(Options<SchedulingDb>()),
            _ => throw new ArgumentOutOfRangeException(nameof(service)),
        };

        DbContextOptions<TDb> Options<TDb>() where TDb : DbContext =>
            (DbContextOptions<TDb>)new DbContextOptionsBuilder<TDb>().UseProvider(provider, configuration, service.ToLowerInvariant()).Options;
    }
}
