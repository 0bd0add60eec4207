using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Knowing;
using Tutti.CellPool.Lending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool;

/// <summary>The tables of the CellPool service.</summary>
public sealed class CellPoolDb(DbContextOptions<CellPoolDb> options) : DbContext(options)
{
    /// <summary>Designs.</summary>
    public DbSet<CellDesign> Designs => Set<CellDesign>();

    /// <summary>Cells.</summary>
    public DbSet<Cell> Cells => Set<Cell>();

    /// <summary>Every change of a cell's service state.</summary>
    public DbSet<ServiceChange> ServiceHistory => Set<ServiceChange>();

    /// <summary>What was asked for, and what was answered.</summary>
    public DbSet<Reservation> Reservations => Set<Reservation>();

    /// <summary>Everything that happened to reservations.</summary>
    public DbSet<ReservationChange> ReservationHistory => Set<ReservationChange>();

    /// <summary>Laboratories that support instruments.</summary>
    public DbSet<Laboratory> Laboratories => Set<Laboratory>();

    /// <summary>Everything that keepers said of equipment.</summary>
    public DbSet<EquipmentChange> EquipmentHistory => Set<EquipmentChange>();

    /// <summary>Kinds of equipment, learnt from Catalogue.</summary>
    public DbSet<KnownEquipmentKind> EquipmentKinds => Set<KnownEquipmentKind>();

    /// <summary>What is held and not to be replaced: what the same experiment holds is in nobody's way where the new reservation is to replace it.</summary>
    public IQueryable<Reservation> InTheWayOf(Wish wish)
    {
        var (replaced, experiment) = (wish.Replaces.ToList(), wish.ExperimentId);
        return Reservations.AsNoTracking().Where(held => held.Status == ReservationStatus.Held && !(replaced.Contains(held.Id) && held.ExperimentId == experiment));
    }

    /// <summary>Proposals for which something was asked, or that were withdrawn.</summary>
    public DbSet<ProposalLoans> Proposals => Set<ProposalLoans>();

    /// <summary>Instruments, learnt from Catalogue.</summary>
    public DbSet<KnownInstrument> Instruments => Set<KnownInstrument>();

    /// <summary>Sites, learnt from Catalogue.</summary>
    public DbSet<KnownSite> Sites => Set<KnownSite>();

    /// <summary>Keepers, learnt from Identity.</summary>
    public DbSet<KnownKeeper> Keepers => Set<KnownKeeper>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<CellDesign>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(Limits.Code);
            row.Property(x => x.Status).HasMaxLength(32);
            row.Property(x => x.InstrumentCodes).AsJson();
            row.Property(x => x.Modes).AsJson();
        });
        modelBuilder.Entity<Cell>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(Limits.Code);
            row.Property(x => x.DesignCode).HasMaxLength(Limits.Code);
            row.Property(x => x.HomeSite).HasMaxLength(Limits.Code);
            row.Property(x => x.State).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.QualifiedInstruments).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.CellId);
            row.HasIndex(x => x.Code).IsUnique();
            row.HasIndex(x => x.DesignCode);
        });
        modelBuilder.Entity<ServiceChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.From).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.To).HasConversion<string>().HasMaxLength(32);
        });
        modelBuilder.Entity<Reservation>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.InstrumentCode).HasMaxLength(Limits.Code);
            row.Property(x => x.CellCode).HasMaxLength(Limits.Code);
            row.Property(x => x.LaboratoryCode).HasMaxLength(Limits.Code);
            row.Property(x => x.EquipmentKind).HasMaxLength(Limits.Code);
            row.Property(x => x.Reasons).AsJson();
            row.Property(x => x.NextFree).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.ReservationId);
            row.HasIndex(x => new { x.CellId, x.Status, x.HeldTo });
            row.HasIndex(x => new { x.EquipmentKind, x.Status, x.HeldTo });
            row.HasIndex(x => x.ProposalId);
        });
        modelBuilder.Entity<ReservationChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.To).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Cause).HasConversion<string>().HasMaxLength(32);
        });
        modelBuilder.Entity<Laboratory>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(Limits.Code);
            row.Property(x => x.SiteCode).HasMaxLength(Limits.Code);
            row.Property(x => x.Status).HasMaxLength(32);
            row.Property(x => x.InstrumentCodes).AsJson();
            row.HasMany(x => x.Equipment).WithOne().HasForeignKey(x => x.LaboratoryCode);
            row.HasIndex(x => x.SiteCode);
        });
        modelBuilder.Entity<Equipment>(row =>
        {
            row.HasKey(x => new { x.LaboratoryCode, x.Kind });
            row.HasVersion();
            row.Property(x => x.Kind).HasMaxLength(Limits.Code);
            row.Property(x => x.Words).AsJson();
            row.Property(x => x.Outages).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => new { x.LaboratoryCode, x.Kind });
        });
        modelBuilder.Entity<EquipmentChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Terms).AsJson();
        });
        modelBuilder.Entity<KnownEquipmentKind>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(Limits.Code);
        });
        modelBuilder.Entity<ProposalLoans>(row =>
        {
            row.HasKey(x => x.ProposalId);
            row.HasVersion();
            row.Property(x => x.ProposalId).ValueGeneratedNever();
        });
        modelBuilder.Entity<KnownInstrument>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(Limits.Code);
        });
        modelBuilder.Entity<KnownSite>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(Limits.Code);
        });
        modelBuilder.Entity<KnownKeeper>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
        });
    }
}
