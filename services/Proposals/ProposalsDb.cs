using Microsoft.EntityFrameworkCore;
using Tutti.Proposals.Calls;
using Tutti.Proposals.Knowing;
using Tutti.Proposals.Lifecycle;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals;

/// <summary>The tables of the Proposals service.</summary>
public sealed class ProposalsDb(DbContextOptions<ProposalsDb> options) : DbContext(options)
{
    /// <summary>Proposals, drafts among them.</summary>
    public DbSet<Proposal> Proposals => Set<Proposal>();

    /// <summary>Who is on which team.</summary>
    public DbSet<Member> Members => Set<Member>();

    /// <summary>Every status a proposal ever had.</summary>
    public DbSet<StatusChange> History => Set<StatusChange>();

    /// <summary>Calls.</summary>
    public DbSet<Call> Calls => Set<Call>();

    /// <summary>What is known of each proposal's way through the services.</summary>
    public DbSet<ProposalLifecycleState> Lifecycles => Set<ProposalLifecycleState>();

    /// <summary>Instruments, learnt from Catalogue.</summary>
    public DbSet<KnownInstrument> Instruments => Set<KnownInstrument>();

    /// <summary>Kinds of laboratory equipment, learnt from Catalogue.</summary>
    public DbSet<KnownEquipmentKind> EquipmentKinds => Set<KnownEquipmentKind>();

    /// <summary>People, learnt from Identity.</summary>
    public DbSet<KnownPerson> People => Set<KnownPerson>();

    /// <summary>Advice of the board, learnt from Review.</summary>
    public DbSet<KnownAdvice> Advice => Set<KnownAdvice>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<Proposal>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Title).HasMaxLength(ProposalText.MaxTitle);
            row.Property(x => x.Text).AsJson();
            row.Property<ProposalText>(nameof(Proposal.SubmittedText)).AsJson();
            row.HasMany(x => x.Team).WithOne().HasForeignKey(x => x.ProposalId);
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.ProposalId);
            row.HasIndex(x => x.CallId);
        });
        modelBuilder.Entity<Member>(row =>
        {
            row.HasKey(x => new { x.ProposalId, x.PersonId });
            row.HasIndex(x => x.PersonId);
        });
        modelBuilder.Entity<StatusChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.From).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.To).HasConversion<string>().HasMaxLength(32);
        });
        modelBuilder.Entity<Call>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Stage).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.PanelMemberIds).AsJson();
            row.Property(x => x.Terms).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.CallId);
        });
        modelBuilder.Entity<TermsChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Before).AsJson();
            row.Property(x => x.Reason).HasMaxLength(TermsChange.MaxReason);
        });
        modelBuilder.Entity<ProposalLifecycleState>(row =>
        {
            row.HasKey(x => x.CorrelationId);
            row.Property(x => x.CorrelationId).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.CurrentState).HasMaxLength(32);
            row.Property(x => x.Facts).AsJson();
        });
        modelBuilder.Entity<KnownInstrument>(row =>
        {
            row.HasKey(x => x.Code);
            row.Property(x => x.Code).HasMaxLength(64);
            row.HasVersion();
        });
        modelBuilder.Entity<KnownEquipmentKind>(row =>
        {
            row.HasKey(x => x.Code);
            row.Property(x => x.Code).HasMaxLength(64);
        });
        modelBuilder.Entity<KnownPerson>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Country).HasMaxLength(2);
            row.HasVersion();
        });
        modelBuilder.Entity<KnownAdvice>(row => row.Property(x => x.Id).ValueGeneratedNever());
    }
}
