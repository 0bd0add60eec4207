using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.ServiceDefaults.Probe;

/// <summary>The tables of the small service.</summary>
public sealed class ProbeDb(DbContextOptions<ProbeDb> options) : DbContext(options)
{
    /// <summary>One row for each time that a reaction has handled something.</summary>
    public DbSet<Handled> Handled => Set<Handled>();

    /// <summary>State that requests change.</summary>
    public DbSet<Note> Notes => Set<Note>();

    /// <summary>Instances of the state machine.</summary>
    public DbSet<ExperimentLife> Lives => Set<ExperimentLife>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<Handled>(row => row.Property(x => x.Id).ValueGeneratedNever());
        modelBuilder.Entity<Note>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
        });
        modelBuilder.Entity<ExperimentLife>(row =>
        {
            row.HasKey(x => x.CorrelationId);
            row.Property(x => x.CorrelationId).ValueGeneratedNever();
            row.HasVersion();
        });
    }
}

/// <summary>Written by a reaction in its transaction.</summary>
public sealed class Handled
{
    public required Guid Id { get; init; }

    public required string Queue { get; init; }

    public required Guid Subject { get; init; }

    public required int Revision { get; init; }
}

/// <summary>Something a request writes down.</summary>
public sealed class Note
{
    public required Guid Id { get; init; }

    public required string Text { get; set; }

    public int Version { get; private set; }
}

/// <summary>What has been heard of one experiment.</summary>
public sealed class ExperimentLife : SagaStateMachineInstance, ISagaVersion
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Starts { get; set; }

    public int Finishes { get; set; }

    public int Version { get; set; }
}
