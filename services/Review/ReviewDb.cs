using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Tutti.Review.Advising;
using Tutti.Review.Grading;
using Tutti.Review.Judging;
using Tutti.Review.Knowing;
using Tutti.Review.Ranking;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review;

/// <summary>The tables of the Review service.</summary>
public sealed class ReviewDb(DbContextOptions<ReviewDb> options) : DbContext(options)
{
    /// <summary>Requests for advice with their answers.</summary>
    public DbSet<Advice> Advice => Set<Advice>();

    /// <summary>Proposals under review.</summary>
    public DbSet<Proposal> Proposals => Set<Proposal>();

    /// <summary>What there is and was to judge.</summary>
    public DbSet<FeasibilityTask> Tasks => Set<FeasibilityTask>();

    /// <summary>Grades in force.</summary>
    public DbSet<Grade> Grades => Set<Grade>();

    /// <summary>Every ranking of every call.</summary>
    public DbSet<CallRanking> Rankings => Set<CallRanking>();

    /// <summary>Who did what, when and why.</summary>
    public DbSet<HistoryEntry> History => Set<HistoryEntry>();

    /// <summary>Calls, learnt from Proposals.</summary>
    public DbSet<KnownCall> Calls => Set<KnownCall>();

    /// <summary>Instruments, learnt from Catalogue.</summary>
    public DbSet<KnownInstrument> Instruments => Set<KnownInstrument>();

    /// <summary>The proposal with all that its rules ask for; one that is new to Review is added.</summary>
    public async Task<Proposal> KnownProposalAsync(Guid id, Guid callId, CancellationToken cancel)
    {
        var proposal = await WholeAsync(id, cancel);
        if (proposal is null) Add(proposal = Proposal.Known(id, callId));
        return proposal;
    }

    /// <summary>The proposal with all that its rules ask for.</summary>
    public Task<Proposal?> WholeAsync(Guid id, CancellationToken cancel) =>
        Proposals.Include(x => x.Team).Include(x => x.Advisors).Include(x => x.Tasks).AsSplitQuery().SingleOrDefaultAsync(x => x.Id == id, cancel);

    /// <summary>
    /// Those who act on a proposal at the same moment take turns: until this transaction ends nobody else writes to it, so each one decides on
    /// what the one before has written. Nobody is refused for being quick.
    /// </summary>
    public async Task<IDbContextTransaction> TakeTurnAsync(Guid proposalId, CancellationToken cancel)
    {
        var turn = await Database.BeginTransactionAsync(cancel);
        await Proposals.Where(x => x.Id == proposalId).ExecuteUpdateAsync(row => row.SetProperty(x => x.Version, x => x.Version), cancel);
        return turn;
    }

    /// <summary>The same for those who act on a whole call. Whoever needs both turns takes the call's first.</summary>
    public async Task<IDbContextTransaction> TakeCallTurnAsync(Guid callId, CancellationToken cancel)
    {
        var turn = await Database.BeginTransactionAsync(cancel);
        await Calls.Where(x => x.Id == callId).ExecuteUpdateAsync(row => row.SetProperty(x => x.Version, x => x.Version), cancel);
        return turn;
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<Advice>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.TechniqueCodes).AsJson();
            row.Property(x => x.Answer).AsJson();
            row.HasIndex(x => x.AskedBy);
            row.HasIndex(x => x.AnsweredAt);
        });
        modelBuilder.Entity<Proposal>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Text).AsJson();
            row.Property(x => x.Outcome).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Grants).AsJson();
            row.Property(x => x.ReasonCodes).AsJson();
            row.Ignore(x => x.IsJudged);
            row.HasMany(x => x.Team).WithOne().HasForeignKey(x => x.ProposalId);
            row.HasMany(x => x.Advisors).WithOne().HasForeignKey(x => x.ProposalId);
            row.HasMany(x => x.Tasks).WithOne().HasForeignKey(x => x.ProposalId);
            row.HasIndex(x => x.CallId);
        });
        modelBuilder.Entity<TeamSeat>(row =>
        {
            row.ToTable("Team");
            row.HasKey(x => new { x.ProposalId, x.PersonId });
        });
        modelBuilder.Entity<Advisor>(row =>
        {
            row.ToTable("Advisors");
            row.HasKey(x => new { x.ProposalId, x.PersonId });
        });
        modelBuilder.Entity<FeasibilityTask>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.InstrumentCode).HasMaxLength(64);
            row.Property(x => x.Verdict).HasConversion<string>().HasMaxLength(32);
            row.HasIndex(x => new { x.InstrumentCode, x.Verdict });
        });
        modelBuilder.Entity<Grade>(row => row.HasKey(x => new { x.ProposalId, x.PersonId }));
        modelBuilder.Entity<CallRanking>(row =>
        {
            row.HasKey(x => new { x.CallId, x.Revision });
            row.Property(x => x.Order).AsJson();
        });
        modelBuilder.Entity<HistoryEntry>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Act).HasConversion<string>().HasMaxLength(32);
            row.HasIndex(x => x.ProposalId);
        });
        modelBuilder.Entity<KnownCall>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.HasMany(x => x.Panel).WithOne().HasForeignKey(x => x.CallId);
        });
        modelBuilder.Entity<PanelSeat>(row =>
        {
            row.ToTable("Panel");
            row.HasKey(x => new { x.CallId, x.PersonId });
            row.HasIndex(x => x.PersonId);
        });
        modelBuilder.Entity<KnownInstrument>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(64);
            row.Property(x => x.SiteCode).HasMaxLength(64);
            row.HasIndex(x => x.SiteCode);
        });
    }
}
