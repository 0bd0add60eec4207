using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Repairing;
using Tutti.Scheduling.Showing;
using Tutti.Scheduling.Staffing;
using Tutti.Scheduling.Travelling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling;

/// <summary>The tables of the Scheduling service.</summary>
public sealed class SchedulingDb(DbContextOptions<SchedulingDb> options) : DbContext(options)
{
    private const int CodeLength = 64;

    /// <summary>Run calendars.</summary>
    public DbSet<InstrumentCalendar> Calendars => Set<InstrumentCalendar>();

    /// <summary>Run calendars that are being made.</summary>
    public DbSet<CalendarDraft> CalendarDrafts => Set<CalendarDraft>();

    /// <summary>How sites and instruments work in a normal year.</summary>
    public DbSet<KeptPattern> OperatingPatterns => Set<KeptPattern>();

    /// <summary>What instruments need between experiments.</summary>
    public DbSet<InstrumentSetUp> SetUps => Set<InstrumentSetUp>();

    /// <summary>Who looks after which instruments.</summary>
    public DbSet<ContactGroup> ContactGroups => Set<ContactGroup>();

    /// <summary>When people of the sites are away.</summary>
    public DbSet<StaffLeave> StaffLeave => Set<StaffLeave>();

    /// <summary>How long people and samples are on their way from site to site: one row, or none.</summary>
    public DbSet<SiteDistances> SiteDistances => Set<SiteDistances>();

    /// <summary>Granted experiments.</summary>
    public DbSet<Experiment> Experiments => Set<Experiment>();

    /// <summary>Plans.</summary>
    public DbSet<CallPlan> Plans => Set<CallPlan>();

    /// <summary>What plans looked like at each moment.</summary>
    public DbSet<PlanVersion> Versions => Set<PlanVersion>();

    /// <summary>Where and when experiments are not wanted.</summary>
    public DbSet<PlanForbid> Forbids => Set<PlanForbid>();

    /// <summary>What nobody has taken back of what is forbidden in a plan.</summary>
    public IQueryable<PlanForbid> Standing(Guid plan) => Forbids.Where(x => x.PlanId == plan && x.LiftedAt == null);

    /// <summary>Changes asked of other sites.</summary>
    public DbSet<ChangeRequest> Changes => Set<ChangeRequest>();

    /// <summary>What came between plans and their measurement.</summary>
    public DbSet<Disturbance> Disturbances => Set<Disturbance>();

    /// <summary>Runs of the planner.</summary>
    public DbSet<PlanRun> Runs => Set<PlanRun>();

    /// <summary>Secrets with which calendar programs read feeds.</summary>
    public DbSet<FeedToken> FeedTokens => Set<FeedToken>();

    /// <summary>Which plan of a call is not yet published.</summary>
    public DbSet<OpenPlan> OpenPlans => Set<OpenPlan>();

    /// <summary>Cells and equipment asked of the pool.</summary>
    public DbSet<Reservation> Reservations => Set<Reservation>();

    /// <summary>Sites, learnt from Catalogue.</summary>
    public DbSet<KnownSite> Sites => Set<KnownSite>();

    /// <summary>Instruments, learnt from Catalogue.</summary>
    public DbSet<KnownInstrument> Instruments => Set<KnownInstrument>();

    /// <summary>Cells, learnt from CellPool.</summary>
    public DbSet<KnownCell> Cells => Set<KnownCell>();

    /// <summary>Equipment of laboratories, learnt from CellPool.</summary>
    public DbSet<KnownEquipment> Equipment => Set<KnownEquipment>();

    /// <summary>Calls, learnt from Proposals.</summary>
    public DbSet<KnownCall> Calls => Set<KnownCall>();

    /// <summary>Proposals with granted shifts, learnt from Proposals.</summary>
    public DbSet<GrantedProposal> Proposals => Set<GrantedProposal>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<InstrumentCalendar>(row =>
        {
            row.HasKey(x => x.InstrumentCode);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.HasVersion();
            row.Property(x => x.Calendar).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.InstrumentCode);
        });
        modelBuilder.Entity<CalendarChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.Property(x => x.Calendar).AsJson();
        });
        modelBuilder.Entity<CalendarDraft>(row =>
        {
            row.HasKey(x => x.InstrumentCode);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.HasVersion();
            row.Property(x => x.Calendar).AsJson();
        });
        modelBuilder.Entity<KeptPattern>(row =>
        {
            row.HasKey(x => new { x.SiteCode, x.InstrumentCode });
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.HasVersion();
            row.Property(x => x.Pattern).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => new { x.SiteCode, x.InstrumentCode });
        });
        modelBuilder.Entity<PatternChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.Property(x => x.Pattern).AsJson();
        });
        modelBuilder.Entity<InstrumentSetUp>(row =>
        {
            row.HasKey(x => x.InstrumentCode);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.HasVersion();
            row.Property(x => x.SetUp).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.InstrumentCode);
        });
        modelBuilder.Entity<SetUpChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.Property(x => x.SetUp).AsJson();
        });
        modelBuilder.Entity<ContactGroup>(row =>
        {
            row.HasKey(x => new { x.SiteCode, x.Code });
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.Code).HasMaxLength(CodeLength);
            row.HasVersion();
            row.Property(x => x.Instruments).AsJson();
            row.Property(x => x.Contacts).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => new { x.SiteCode, x.Code });
        });
        modelBuilder.Entity<ContactGroupChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.Code).HasMaxLength(CodeLength);
            row.Property(x => x.Instruments).AsJson();
            row.Property(x => x.Contacts).AsJson();
        });
        modelBuilder.Entity<StaffLeave>(row =>
        {
            row.HasKey(x => new { x.SiteCode, x.PersonId });
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.PersonId).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Times).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => new { x.SiteCode, x.PersonId });
        });
        modelBuilder.Entity<StaffLeaveChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.Times).AsJson();
        });
        modelBuilder.Entity<SiteDistances>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Ways).AsJson();
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.ListId);
        });
        modelBuilder.Entity<SiteDistancesChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Before).AsJson();
        });
        modelBuilder.Entity<Experiment>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.Property(x => x.After).AsJson();
            row.Property(x => x.Wishes).AsJson();
            row.Property(x => x.PlacedShifts).AsJson();
            row.Property(x => x.Equipment).AsJson();
            row.Property(x => x.Reservations).AsJson();
            row.Property(x => x.HeldEquipment).AsJson();
            row.Ignore(x => x.Held);
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.ExperimentId);
            row.HasIndex(x => x.ProposalId);
            row.HasIndex(x => x.CallId);
            row.HasIndex(x => x.InstrumentCode);
        });
        modelBuilder.Entity<ExperimentChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Before).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.After).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Shifts).AsJson();
            row.Property(x => x.Equipment).AsJson();
        });
        modelBuilder.Entity<CallPlan>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Silence).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Inputs).AsJson();
            row.Property(x => x.Layers).AsJson();
            row.Property(x => x.Search).AsJson();
            row.Property(x => x.Repair).HasConversion(value => JsonSerializer.Serialize(value, Json.Stored), text => JsonSerializer.Deserialize<RepairTask>(text, Json.Stored));
            row.HasIndex(x => x.CopyOf);
            row.HasIndex(x => x.DisturbanceId);
            row.HasMany(x => x.Entries).WithOne().HasForeignKey(x => x.PlanId);
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.PlanId);
            row.HasIndex(x => x.CallId);
            row.HasIndex(x => x.Status);
        });
        modelBuilder.Entity<PlanEntry>(row =>
        {
            row.HasKey(x => new { x.PlanId, x.ExperimentId });
            row.Property(x => x.Shifts).AsJson();
            row.Property(x => x.Reasons).AsJson();
            row.Property(x => x.Split).AsJson();
            row.Property(x => x.Equipment).AsJson();
            row.Property(x => x.Reservations).AsJson();
            row.Ignore(x => x.Locked);
            row.Ignore(x => x.Needs);
            row.Property(x => x.Lock).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Answer).HasConversion<string>().HasMaxLength(32);
            row.HasIndex(x => x.ExperimentId);
        });
        modelBuilder.Entity<PlanVersion>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Kind).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Forced).AsJson();
            row.Property(x => x.Changed).AsJson();
            row.Property(x => x.Lines).AsCompressedJson();
            row.HasIndex(x => new { x.PlanId, x.Number });
        });
        modelBuilder.Entity<PlanForbid>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.HasIndex(x => x.PlanId);
        });
        modelBuilder.Entity<ChangeRequest>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Kind).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Placings).AsJson();
            row.Property(x => x.Conflicts).AsJson();
            row.Property(x => x.Sites).AsJson();
            row.Property(x => x.OwnSites).AsJson();
            row.Property(x => x.Agreed).AsJson();
            row.HasIndex(x => x.PlanId);
        });
        modelBuilder.Entity<Disturbance>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Kind).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.InstrumentCode).HasMaxLength(CodeLength);
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.Hit).AsJson();
            row.HasVersion();
            row.HasIndex(x => new { x.InstrumentCode, x.To });
        });
        modelBuilder.Entity<PlanRun>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.ProgramVersion).HasMaxLength(200);
            row.Property(x => x.Model).HasMaxLength(CodeLength);
            row.Property(x => x.SolverVersion).HasMaxLength(CodeLength);
            row.Property(x => x.InputHash).HasMaxLength(CodeLength);
            row.HasIndex(x => x.PlanId);
            row.HasIndex(x => x.Status);
        });
        modelBuilder.Entity<FeedToken>(row =>
        {
            row.HasKey(x => x.PersonId);
            row.Property(x => x.PersonId).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Hash).HasMaxLength(CodeLength);
            row.Property(x => x.Scopes).AsJson();
            row.HasIndex(x => x.Hash).IsUnique();
        });
        modelBuilder.Entity<CallPlanChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.From).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.To).HasConversion<string>().HasMaxLength(32);
        });
        modelBuilder.Entity<OpenPlan>(row =>
        {
            row.HasKey(x => x.CallId);
            row.Property(x => x.CallId).ValueGeneratedNever();
        });
        modelBuilder.Entity<Reservation>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Status).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Kind).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Reasons).AsJson();
            row.Property(x => x.NextFree).AsJson();
            row.Ignore(x => x.Need);
            row.HasIndex(x => new { x.PlanId, x.Status });
            row.HasIndex(x => x.ProposalId);
        });
        modelBuilder.Entity<KnownSite>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(CodeLength);
            row.Property(x => x.Country).HasMaxLength(2);
        });
        modelBuilder.Entity<KnownInstrument>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(CodeLength);
            row.Property(x => x.SharedSources).AsJson();
        });
        modelBuilder.Entity<KnownCell>(row =>
        {
            row.HasKey(x => x.Code);
            row.HasVersion();
            row.Property(x => x.Code).HasMaxLength(CodeLength);
            row.Property(x => x.DesignCode).HasMaxLength(CodeLength);
            row.Property(x => x.HomeSite).HasMaxLength(CodeLength);
            row.Property(x => x.InstrumentCodes).AsJson();
            row.HasIndex(x => x.DesignCode);
        });
        modelBuilder.Entity<KnownEquipment>(row =>
        {
            row.HasKey(x => new { x.LaboratoryCode, x.Kind });
            row.HasVersion();
            row.Property(x => x.LaboratoryCode).HasMaxLength(CodeLength);
            row.Property(x => x.Kind).HasMaxLength(CodeLength);
            row.Property(x => x.SiteCode).HasMaxLength(CodeLength);
            row.Property(x => x.InstrumentCodes).AsJson();
            row.Property(x => x.Outages).AsJson();
            row.HasIndex(x => x.Kind);
        });
        modelBuilder.Entity<KnownCall>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Partners).AsJson();
            row.Property(x => x.Quotas).AsJson();
            row.Property(x => x.SiteQuotas).AsJson();
        });
        modelBuilder.Entity<GrantedProposal>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.HasMany(x => x.Team).WithOne().HasForeignKey(x => x.ProposalId);
            row.HasIndex(x => x.CallId);
            row.HasIndex(x => x.LeaderId);
        });
        modelBuilder.Entity<Member>(row =>
        {
            row.HasKey(x => new { x.ProposalId, x.PersonId });
            row.HasIndex(x => x.PersonId);
        });
    }
}
