using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Catalogue;

/// <summary>The tables of the Catalogue service.</summary>
public sealed class CatalogueDb(DbContextOptions<CatalogueDb> options) : DbContext(options)
{
    /// <summary>Instruments.</summary>
    public DbSet<Instrument> Instruments => Set<Instrument>();

    /// <summary>Every change of an instrument by hand.</summary>
    public DbSet<InstrumentChange> History => Set<InstrumentChange>();

    /// <summary>Everything else: partners, sites, techniques, laboratories, combinations, couplings, cells, vocabularies.</summary>
    public DbSet<Entry> Entries => Set<Entry>();

    /// <summary>Which seed it holds.</summary>
    public DbSet<SeedState> Seeds => Set<SeedState>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<Instrument>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Ignore(x => x.Modes);
            row.Property(x => x.Code).HasMaxLength(Instrument.MaxCode);
            row.Property(x => x.Name).HasMaxLength(Instrument.MaxName);
            row.Property(x => x.SiteCode).HasMaxLength(Instrument.MaxCode);
            row.Property(x => x.PartnerCode).HasMaxLength(Instrument.MaxCode);
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Technique).HasMaxLength(Instrument.MaxCode);
            row.Property(x => x.SampleConstraints).AsJson();
            row.Property(x => x.SharedSources).AsJson();
            row.HasMany(x => x.Techniques).WithOne().HasForeignKey(x => x.InstrumentCode);
            row.HasMany(x => x.SampleEnvironment).WithOne().HasForeignKey(x => x.InstrumentCode);
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.InstrumentCode);
            row.HasIndex(x => x.SiteCode);
        });
        modelBuilder.Entity<InstrumentTechnique>(row =>
        {
            row.HasKey(x => new { x.InstrumentCode, x.Code });
            row.Property(x => x.Code).HasMaxLength(Instrument.MaxCode);
            row.HasIndex(x => x.Code);
        });
        modelBuilder.Entity<InstrumentEnvironment>(row =>
        {
            row.HasKey(x => new { x.InstrumentCode, x.Code });
            row.Property(x => x.Code).HasMaxLength(Instrument.MaxCode);
            row.HasIndex(x => x.Code);
        });
        modelBuilder.Entity<InstrumentChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Changes).AsJson();
        });
        modelBuilder.Entity<Entry>(row =>
        {
            row.HasKey(x => new { x.Kind, x.Code });
            row.HasVersion();
            row.Property(x => x.Kind).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Code).HasMaxLength(Instrument.MaxCode);
        });
        modelBuilder.Entity<SeedState>(row =>
        {
            row.HasVersion();
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Hash).HasMaxLength(64);
        });
    }
}
