using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Knowing;
using Tutti.Reduction.Uploading;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Reduction;

/// <summary>The tables of the Reduction service.</summary>
public sealed class ReductionDb(DbContextOptions<ReductionDb> options) : DbContext(options)
{
    /// <summary>Data sets.</summary>
    public DbSet<DataSet> DataSets => Set<DataSet>();

    /// <summary>Jobs, those that are over among them.</summary>
    public DbSet<ReductionJob> Jobs => Set<ReductionJob>();

    /// <summary>Uploads in parts that are not over.</summary>
    public DbSet<Upload> Uploads => Set<Upload>();

    /// <summary>Recipes, those out of use among them.</summary>
    public DbSet<Recipe> Recipes => Set<Recipe>();

    /// <summary>All versions of recipes.</summary>
    public DbSet<RecipeVersion> RecipeVersions => Set<RecipeVersion>();

    /// <summary>Proposals, learnt from Proposals.</summary>
    public DbSet<KnownProposal> Proposals => Set<KnownProposal>();

    /// <summary>Who is on which team, learnt from Proposals.</summary>
    public DbSet<KnownMember> Members => Set<KnownMember>();

    /// <summary>Experiments, learnt from Proposals.</summary>
    public DbSet<KnownExperiment> Experiments => Set<KnownExperiment>();

    /// <summary>Instruments, learnt from Catalogue.</summary>
    public DbSet<KnownInstrument> Instruments => Set<KnownInstrument>();

    /// <summary>Techniques, learnt from Catalogue.</summary>
    public DbSet<KnownTechnique> Techniques => Set<KnownTechnique>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<DataSet>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Name).HasMaxLength(DataSet.MaxName);
            row.Property(x => x.InstrumentCode).HasMaxLength(64);
            row.Property(x => x.Technique).HasMaxLength(64);
            row.Property(x => x.Description).HasMaxLength(DataSet.MaxDescription);
            row.Property(x => x.Sample).HasMaxLength(DataSet.MaxName);
            row.Property(x => x.Licence).HasMaxLength(32);
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.DataSetId);
            row.Property(x => x.Sha256).HasMaxLength(64);
            row.Property(x => x.Files).AsJson();
            row.Property(x => x.Format).HasMaxLength(64);
            row.Property(x => x.AxisName).HasMaxLength(DataSet.MaxName);
            row.Property(x => x.AxisUnit).HasMaxLength(DataSet.MaxName);
            row.Property(x => x.Warnings).AsJson();
            row.HasIndex(x => new { x.ExperimentId, x.Sha256 }).IsUnique();
            row.HasIndex(x => x.ProposalId);
        });
        modelBuilder.Entity<TermsChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Licence).HasMaxLength(32);
            row.Property(x => x.Reason).HasMaxLength(TermsChange.MaxReason);
        });
        modelBuilder.Entity<Upload>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.FileName).HasMaxLength(Upload.MaxFileName);
            row.Property(x => x.Metadata).HasMaxLength(Upload.MaxMetadata);
            row.Property(x => x.DeclaredSha256).HasMaxLength(64);
            row.Property(x => x.Sha256).HasMaxLength(64);
            row.HasIndex(x => x.Owner);
            row.HasIndex(x => x.ExpiresAt);
        });
        modelBuilder.Entity<Recipe>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Name).HasMaxLength(Recipe.MaxName);
            row.Property(x => x.Description).HasMaxLength(Recipe.MaxText);
            row.Property(x => x.Technique).HasMaxLength(64);
            row.Property(x => x.Sharing).HasConversion<string>().HasMaxLength(16);
            row.HasMany(x => x.Versions).WithOne().HasForeignKey(x => x.RecipeId);
            row.HasIndex(x => x.Owner);
            row.HasIndex(x => x.ProposalId);
        });
        modelBuilder.Entity<RecipeVersion>(row =>
        {
            row.HasKey(x => new { x.RecipeId, x.Number });
            row.Property(x => x.Number).ValueGeneratedNever();
            row.Property(x => x.Options).AsJson();
            row.Property(x => x.Note).HasMaxLength(Recipe.MaxText);
        });
        modelBuilder.Entity<ReductionJob>(row =>
        {
            row.ToTable("Jobs");
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Options).AsJson();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Phase).HasConversion<string>().HasMaxLength(32);
            row.Property<FitFigures>(nameof(ReductionJob.Figures)).AsJson();
            row.Property(x => x.Files).AsJson();
            row.Property(x => x.Code).HasMaxLength(64);
            row.Property(x => x.Size).HasConversion<string>().HasMaxLength(16);
            row.Property(x => x.Priority).HasConversion<string>().HasMaxLength(16);
            row.Property(x => x.Attempts).AsJson();
            row.Property(x => x.Log).AsJson();
            row.Property(x => x.References).AsJson();
            row.HasIndex(x => new { x.Status, x.QueuedAt });
            row.HasIndex(x => new { x.RequestedBy, x.Status });
            row.HasIndex(x => x.DataSetId);
        });
        modelBuilder.Entity<KnownProposal>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.HasMany(x => x.Team).WithOne().HasForeignKey(x => x.ProposalId);
        });
        modelBuilder.Entity<KnownMember>(row =>
        {
            row.HasKey(x => new { x.ProposalId, x.PersonId });
            row.HasIndex(x => x.PersonId);
        });
        modelBuilder.Entity<KnownExperiment>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.InstrumentCode).HasMaxLength(64);
        });
        modelBuilder.Entity<KnownInstrument>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(64);
            row.Property(x => x.SiteCode).HasMaxLength(64);
            row.Property(x => x.Technique).HasMaxLength(64);
        });
        modelBuilder.Entity<KnownTechnique>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(64);
        });
    }
}
