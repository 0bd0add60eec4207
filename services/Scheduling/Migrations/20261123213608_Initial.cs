using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Tutti.Scheduling.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "CalendarDrafts",
                columns: table => new
                {
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    BasedOn = table.Column<int>(nullable: false),
                    Calendar = table.Column<string>(nullable: false),
                    BridgeableHours = table.Column<int>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CalendarDrafts", x => x.InstrumentCode);
                });

            migrationBuilder.CreateTable(
                name: "Calendars",
                columns: table => new
                {
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Bookings = table.Column<int>(nullable: false),
                    Calendar = table.Column<string>(nullable: false),
                    BridgeableHours = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Calendars", x => x.InstrumentCode);
                });

            migrationBuilder.CreateTable(
                name: "Calls",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Partners = table.Column<string>(nullable: false),
                    Quotas = table.Column<string>(nullable: false),
                    SiteQuotas = table.Column<string>(nullable: false),
                    RankMayBeInverted = table.Column<bool>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Calls", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Cells",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    DesignCode = table.Column<string>(maxLength: 64, nullable: false),
                    Lendable = table.Column<bool>(nullable: false),
                    HomeSite = table.Column<string>(maxLength: 64, nullable: false),
                    InstrumentCodes = table.Column<string>(nullable: false),
                    BeforeHours = table.Column<int>(nullable: false),
                    AfterHours = table.Column<int>(nullable: false),
                    ShippingHours = table.Column<double>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Cells", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "Changes",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    Kind = table.Column<string>(maxLength: 32, nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    Force = table.Column<bool>(nullable: false),
                    BasedOn = table.Column<int>(nullable: false),
                    Of = table.Column<int>(nullable: true),
                    Placings = table.Column<string>(nullable: false),
                    Conflicts = table.Column<string>(nullable: false),
                    CopyId = table.Column<Guid>(nullable: true),
                    Sites = table.Column<string>(nullable: false),
                    OwnSites = table.Column<string>(nullable: false),
                    Agreed = table.Column<string>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    DecidedBy = table.Column<Guid>(nullable: true),
                    DecidedAt = table.Column<DateTime>(nullable: true),
                    Answer = table.Column<string>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Changes", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ContactGroups",
                columns: table => new
                {
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Name = table.Column<string>(nullable: false),
                    Instruments = table.Column<string>(nullable: false),
                    Contacts = table.Column<string>(nullable: false),
                    WeeklyShifts = table.Column<int>(nullable: true),
                    WeeklyStarts = table.Column<int>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ContactGroups", x => new { x.SiteCode, x.Code });
                });

            migrationBuilder.CreateTable(
                name: "DeadLetters",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    MessageId = table.Column<Guid>(nullable: false),
                    Queue = table.Column<string>(maxLength: 128, nullable: false),
                    Contract = table.Column<string>(maxLength: 128, nullable: true),
                    Body = table.Column<string>(nullable: false),
                    Error = table.Column<string>(nullable: false),
                    FailedAt = table.Column<DateTime>(nullable: false),
                    Resolution = table.Column<string>(maxLength: 16, nullable: true),
                    ResolvedBy = table.Column<Guid>(nullable: true),
                    ResolvedAt = table.Column<DateTime>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DeadLetters", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "DispatcherLease",
                columns: table => new
                {
                    Id = table.Column<int>(nullable: false),
                    Owner = table.Column<Guid>(nullable: false),
                    Until = table.Column<DateTime>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DispatcherLease", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Disturbances",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Kind = table.Column<string>(maxLength: 32, nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: true),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: true),
                    From = table.Column<DateTime>(nullable: false),
                    To = table.Column<DateTime>(nullable: false),
                    CellCode = table.Column<string>(nullable: true),
                    LaboratoryCode = table.Column<string>(nullable: true),
                    EquipmentKind = table.Column<string>(nullable: true),
                    Hit = table.Column<string>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    At = table.Column<DateTime>(nullable: false),
                    EndedAt = table.Column<DateTime>(nullable: true),
                    EndedBy = table.Column<Guid>(nullable: true),
                    EndReason = table.Column<string>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Disturbances", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Equipment",
                columns: table => new
                {
                    LaboratoryCode = table.Column<string>(maxLength: 64, nullable: false),
                    Kind = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Pieces = table.Column<int>(nullable: false),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    InstrumentCodes = table.Column<string>(nullable: false),
                    SharedBySite = table.Column<bool>(nullable: false),
                    LeadHours = table.Column<int>(nullable: false),
                    BeforeHours = table.Column<int>(nullable: false),
                    AfterHours = table.Column<int>(nullable: false),
                    Outages = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Equipment", x => new { x.LaboratoryCode, x.Kind });
                });

            migrationBuilder.CreateTable(
                name: "Experiments",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    CallId = table.Column<Guid>(nullable: false),
                    Title = table.Column<string>(nullable: false),
                    GrantedInstrument = table.Column<string>(nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Shifts = table.Column<int>(nullable: false),
                    Mode = table.Column<string>(nullable: false),
                    CellDesignCode = table.Column<string>(nullable: true),
                    Equipment = table.Column<string>(nullable: false),
                    Required = table.Column<bool>(nullable: false),
                    After = table.Column<string>(nullable: false),
                    Wishes = table.Column<string>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    PlanId = table.Column<Guid>(nullable: true),
                    From = table.Column<DateTime>(nullable: true),
                    To = table.Column<DateTime>(nullable: true),
                    PlacedShifts = table.Column<string>(nullable: false),
                    Reservations = table.Column<string>(nullable: false),
                    CellCode = table.Column<string>(nullable: true),
                    HeldEquipment = table.Column<string>(nullable: false),
                    StartedAt = table.Column<DateTime>(nullable: true),
                    FinishedAt = table.Column<DateTime>(nullable: true),
                    ShiftsUsed = table.Column<int>(nullable: true),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Experiments", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "FeedTokens",
                columns: table => new
                {
                    PersonId = table.Column<Guid>(nullable: false),
                    Hash = table.Column<string>(maxLength: 64, nullable: false),
                    Scopes = table.Column<string>(nullable: false),
                    ExpiresAt = table.Column<DateTime>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_FeedTokens", x => x.PersonId);
                });

            migrationBuilder.CreateTable(
                name: "Forbids",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: true),
                    From = table.Column<DateTime>(nullable: true),
                    To = table.Column<DateTime>(nullable: true),
                    Reason = table.Column<string>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    LiftedBy = table.Column<Guid>(nullable: true),
                    LiftedAt = table.Column<DateTime>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Forbids", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Inbox",
                columns: table => new
                {
                    MessageId = table.Column<Guid>(nullable: false),
                    ConsumerId = table.Column<Guid>(nullable: false),
                    ConsumedAt = table.Column<DateTime>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Inbox", x => new { x.MessageId, x.ConsumerId });
                });

            migrationBuilder.CreateTable(
                name: "Instruments",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    SiteCode = table.Column<string>(nullable: true),
                    Technique = table.Column<string>(nullable: false),
                    SharedSources = table.Column<string>(nullable: false),
                    InScheme = table.Column<bool>(nullable: false),
                    RetiredAtRevision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instruments", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "OpenPlans",
                columns: table => new
                {
                    CallId = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OpenPlans", x => x.CallId);
                });

            migrationBuilder.CreateTable(
                name: "OperatingPatterns",
                columns: table => new
                {
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Pattern = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OperatingPatterns", x => new { x.SiteCode, x.InstrumentCode });
                });

            migrationBuilder.CreateTable(
                name: "Outbox",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Position = table.Column<long>(nullable: false),
                    Contract = table.Column<string>(maxLength: 128, nullable: false),
                    Key = table.Column<string>(maxLength: 128, nullable: false),
                    Body = table.Column<string>(nullable: false),
                    ConversationId = table.Column<Guid>(nullable: false),
                    TraceParent = table.Column<string>(maxLength: 64, nullable: true),
                    Queue = table.Column<string>(maxLength: 128, nullable: true),
                    CreatedAt = table.Column<DateTime>(nullable: false),
                    NotBefore = table.Column<DateTime>(nullable: true),
                    SentAt = table.Column<DateTime>(nullable: true),
                    SetAside = table.Column<string>(maxLength: 400, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Outbox", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Plans",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    CallId = table.Column<Guid>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    Round = table.Column<int>(nullable: false),
                    RequestedBy = table.Column<Guid>(nullable: false),
                    RequestedAt = table.Column<DateTime>(nullable: false),
                    LeaseOwner = table.Column<Guid>(nullable: true),
                    LeaseUntil = table.Column<DateTime>(nullable: true),
                    Attempts = table.Column<int>(nullable: false),
                    Inputs = table.Column<string>(nullable: false),
                    SolverStatus = table.Column<string>(nullable: true),
                    Objective = table.Column<long>(nullable: true),
                    Bound = table.Column<long>(nullable: true),
                    Layers = table.Column<string>(nullable: false),
                    FailureCode = table.Column<string>(nullable: true),
                    FailureText = table.Column<string>(nullable: true),
                    PublishedAt = table.Column<DateTime>(nullable: true),
                    Answers = table.Column<int>(nullable: false),
                    Head = table.Column<int>(nullable: false),
                    LiveVersion = table.Column<int>(nullable: true),
                    AmendedAt = table.Column<DateTime>(nullable: true),
                    RoundsBefore = table.Column<int>(nullable: false),
                    ByHand = table.Column<bool>(nullable: false),
                    FrozenUntil = table.Column<DateTime>(nullable: true),
                    CopyOf = table.Column<Guid>(nullable: true),
                    CopyName = table.Column<string>(nullable: true),
                    CopiedVersion = table.Column<int>(nullable: true),
                    Repair = table.Column<string>(nullable: true),
                    DisturbanceId = table.Column<Guid>(nullable: true),
                    Search = table.Column<string>(nullable: false),
                    AnswerBy = table.Column<DateTime>(nullable: true),
                    Silence = table.Column<string>(maxLength: 32, nullable: false),
                    Offers = table.Column<int>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Plans", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Proposals",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    CallId = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Title = table.Column<string>(nullable: false),
                    Grade = table.Column<double>(nullable: false),
                    LeaderId = table.Column<Guid>(nullable: true),
                    LeaderCountry = table.Column<string>(nullable: true),
                    LeaderGroup = table.Column<string>(nullable: false),
                    BeamtimeFrom = table.Column<DateTime>(nullable: false),
                    BeamtimeTo = table.Column<DateTime>(nullable: false),
                    WithdrawnAt = table.Column<DateTime>(nullable: true),
                    WithdrawalReason = table.Column<string>(nullable: true),
                    PublishedPlanId = table.Column<Guid>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Proposals", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Reservations",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(nullable: false),
                    Kind = table.Column<string>(maxLength: 32, nullable: false),
                    Wanted = table.Column<string>(nullable: false),
                    Round = table.Column<int>(nullable: false),
                    From = table.Column<DateTime>(nullable: false),
                    To = table.Column<DateTime>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    HeldCode = table.Column<string>(nullable: true),
                    Reasons = table.Column<string>(nullable: false),
                    NextFree = table.Column<string>(nullable: false),
                    PromisedAt = table.Column<DateTime>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reservations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Runs",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false),
                    Round = table.Column<int>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    StartedAt = table.Column<DateTime>(nullable: false),
                    EndedAt = table.Column<DateTime>(nullable: true),
                    CancelRequestedAt = table.Column<DateTime>(nullable: true),
                    TimeLimitMilliseconds = table.Column<long>(nullable: false),
                    Workers = table.Column<int>(nullable: false),
                    Seed = table.Column<int>(nullable: false),
                    ProgramVersion = table.Column<string>(maxLength: 200, nullable: false),
                    Model = table.Column<string>(maxLength: 64, nullable: false),
                    SolverVersion = table.Column<string>(maxLength: 64, nullable: false),
                    InputHash = table.Column<string>(maxLength: 64, nullable: false),
                    Input = table.Column<byte[]>(nullable: false),
                    Result = table.Column<byte[]>(nullable: true),
                    Improvements = table.Column<int>(nullable: false),
                    ImprovedAfterMilliseconds = table.Column<long>(nullable: true),
                    Objective = table.Column<long>(nullable: true),
                    Bound = table.Column<long>(nullable: true),
                    Failure = table.Column<string>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Runs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SetUps",
                columns: table => new
                {
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    SetUp = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SetUps", x => x.InstrumentCode);
                });

            migrationBuilder.CreateTable(
                name: "SiteDistances",
                columns: table => new
                {
                    Id = table.Column<int>(nullable: false),
                    Ways = table.Column<string>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SiteDistances", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Sites",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    TimeZone = table.Column<string>(nullable: false),
                    Country = table.Column<string>(maxLength: 2, nullable: false),
                    Kind = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sites", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "StaffLeave",
                columns: table => new
                {
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    PersonId = table.Column<Guid>(nullable: false),
                    Times = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StaffLeave", x => new { x.SiteCode, x.PersonId });
                });

            migrationBuilder.CreateTable(
                name: "Versions",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false),
                    Number = table.Column<int>(nullable: false),
                    Tag = table.Column<int>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    Kind = table.Column<string>(maxLength: 32, nullable: false),
                    Reason = table.Column<string>(nullable: true),
                    Of = table.Column<int>(nullable: true),
                    Forced = table.Column<string>(nullable: false),
                    Objective = table.Column<long>(nullable: false),
                    Placed = table.Column<int>(nullable: false),
                    Unplaced = table.Column<int>(nullable: false),
                    Changed = table.Column<string>(nullable: false),
                    Lines = table.Column<byte[]>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Versions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CalendarChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    Calendar = table.Column<string>(nullable: false),
                    BridgeableHours = table.Column<int>(nullable: false),
                    Gained = table.Column<int>(nullable: false),
                    Lost = table.Column<int>(nullable: false),
                    RevertsTo = table.Column<int>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CalendarChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_CalendarChange_Calendars_InstrumentCode",
                        column: x => x.InstrumentCode,
                        principalTable: "Calendars",
                        principalColumn: "InstrumentCode",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ContactGroupChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    Instruments = table.Column<string>(nullable: false),
                    Contacts = table.Column<string>(nullable: false),
                    WeeklyShifts = table.Column<int>(nullable: true),
                    WeeklyStarts = table.Column<int>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ContactGroupChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ContactGroupChange_ContactGroups_SiteCode_Code",
                        columns: x => new { x.SiteCode, x.Code },
                        principalTable: "ContactGroups",
                        principalColumns: new[] { "SiteCode", "Code" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ExperimentChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    Before = table.Column<string>(maxLength: 32, nullable: false),
                    After = table.Column<string>(maxLength: 32, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    Reason = table.Column<string>(nullable: true),
                    PlanId = table.Column<Guid>(nullable: true),
                    InstrumentCode = table.Column<string>(nullable: false),
                    Shifts = table.Column<string>(nullable: false),
                    CellCode = table.Column<string>(nullable: true),
                    Equipment = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExperimentChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ExperimentChange_Experiments_ExperimentId",
                        column: x => x.ExperimentId,
                        principalTable: "Experiments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "PatternChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    Pattern = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PatternChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_PatternChange_OperatingPatterns_SiteCode_InstrumentCode",
                        columns: x => new { x.SiteCode, x.InstrumentCode },
                        principalTable: "OperatingPatterns",
                        principalColumns: new[] { "SiteCode", "InstrumentCode" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "CallPlanChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    PlanId = table.Column<Guid>(nullable: false),
                    From = table.Column<string>(maxLength: 32, nullable: false),
                    To = table.Column<string>(maxLength: 32, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    Reason = table.Column<string>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CallPlanChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_CallPlanChange_Plans_PlanId",
                        column: x => x.PlanId,
                        principalTable: "Plans",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "PlanEntry",
                columns: table => new
                {
                    PlanId = table.Column<Guid>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(nullable: false),
                    CellDesignCode = table.Column<string>(nullable: true),
                    Equipment = table.Column<string>(nullable: false),
                    Mode = table.Column<string>(nullable: false),
                    Required = table.Column<bool>(nullable: false),
                    Group = table.Column<string>(nullable: true),
                    Value = table.Column<long>(nullable: false),
                    From = table.Column<DateTime>(nullable: true),
                    To = table.Column<DateTime>(nullable: true),
                    Shifts = table.Column<string>(nullable: false),
                    Reasons = table.Column<string>(nullable: false),
                    Reservations = table.Column<string>(nullable: false),
                    Lock = table.Column<string>(maxLength: 32, nullable: false),
                    Forced = table.Column<string>(nullable: true),
                    Split = table.Column<string>(nullable: false),
                    Answer = table.Column<string>(maxLength: 32, nullable: false),
                    AnsweredAt = table.Column<DateTime>(nullable: true),
                    AnsweredBy = table.Column<Guid>(nullable: true),
                    Offer = table.Column<int>(nullable: false),
                    AnswerBy = table.Column<DateTime>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PlanEntry", x => new { x.PlanId, x.ExperimentId });
                    table.ForeignKey(
                        name: "FK_PlanEntry_Plans_PlanId",
                        column: x => x.PlanId,
                        principalTable: "Plans",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Member",
                columns: table => new
                {
                    ProposalId = table.Column<Guid>(nullable: false),
                    PersonId = table.Column<Guid>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Member", x => new { x.ProposalId, x.PersonId });
                    table.ForeignKey(
                        name: "FK_Member_Proposals_ProposalId",
                        column: x => x.ProposalId,
                        principalTable: "Proposals",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SetUpChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    SetUp = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SetUpChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SetUpChange_SetUps_InstrumentCode",
                        column: x => x.InstrumentCode,
                        principalTable: "SetUps",
                        principalColumn: "InstrumentCode",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SiteDistancesChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ListId = table.Column<int>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    Before = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SiteDistancesChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SiteDistancesChange_SiteDistances_ListId",
                        column: x => x.ListId,
                        principalTable: "SiteDistances",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StaffLeaveChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    PersonId = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false),
                    Times = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StaffLeaveChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StaffLeaveChange_StaffLeave_SiteCode_PersonId",
                        columns: x => new { x.SiteCode, x.PersonId },
                        principalTable: "StaffLeave",
                        principalColumns: new[] { "SiteCode", "PersonId" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_CalendarChange_InstrumentCode",
                table: "CalendarChange",
                column: "InstrumentCode");

            migrationBuilder.CreateIndex(
                name: "IX_CallPlanChange_PlanId",
                table: "CallPlanChange",
                column: "PlanId");

            migrationBuilder.CreateIndex(
                name: "IX_Cells_DesignCode",
                table: "Cells",
                column: "DesignCode");

            migrationBuilder.CreateIndex(
                name: "IX_Changes_PlanId",
                table: "Changes",
                column: "PlanId");

            migrationBuilder.CreateIndex(
                name: "IX_ContactGroupChange_SiteCode_Code",
                table: "ContactGroupChange",
                columns: new[] { "SiteCode", "Code" });

            migrationBuilder.CreateIndex(
                name: "IX_DeadLetters_FailedAt",
                table: "DeadLetters",
                column: "FailedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Disturbances_InstrumentCode_To",
                table: "Disturbances",
                columns: new[] { "InstrumentCode", "To" });

            migrationBuilder.CreateIndex(
                name: "IX_Equipment_Kind",
                table: "Equipment",
                column: "Kind");

            migrationBuilder.CreateIndex(
                name: "IX_ExperimentChange_ExperimentId",
                table: "ExperimentChange",
                column: "ExperimentId");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_CallId",
                table: "Experiments",
                column: "CallId");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_InstrumentCode",
                table: "Experiments",
                column: "InstrumentCode");

            migrationBuilder.CreateIndex(
                name: "IX_Experiments_ProposalId",
                table: "Experiments",
                column: "ProposalId");

            migrationBuilder.CreateIndex(
                name: "IX_FeedTokens_Hash",
                table: "FeedTokens",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Forbids_PlanId",
                table: "Forbids",
                column: "PlanId");

            migrationBuilder.CreateIndex(
                name: "IX_Inbox_ConsumedAt",
                table: "Inbox",
                column: "ConsumedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Member_PersonId",
                table: "Member",
                column: "PersonId");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_SentAt_SetAside_Position",
                table: "Outbox",
                columns: new[] { "SentAt", "SetAside", "Position" });

            migrationBuilder.CreateIndex(
                name: "IX_PatternChange_SiteCode_InstrumentCode",
                table: "PatternChange",
                columns: new[] { "SiteCode", "InstrumentCode" });

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_ExperimentId",
                table: "PlanEntry",
                column: "ExperimentId");

            migrationBuilder.CreateIndex(
                name: "IX_Plans_CallId",
                table: "Plans",
                column: "CallId");

            migrationBuilder.CreateIndex(
                name: "IX_Plans_CopyOf",
                table: "Plans",
                column: "CopyOf");

            migrationBuilder.CreateIndex(
                name: "IX_Plans_DisturbanceId",
                table: "Plans",
                column: "DisturbanceId");

            migrationBuilder.CreateIndex(
                name: "IX_Plans_Status",
                table: "Plans",
                column: "Status");

            migrationBuilder.CreateIndex(
                name: "IX_Proposals_CallId",
                table: "Proposals",
                column: "CallId");

            migrationBuilder.CreateIndex(
                name: "IX_Proposals_LeaderId",
                table: "Proposals",
                column: "LeaderId");

            migrationBuilder.CreateIndex(
                name: "IX_Reservations_PlanId_Status",
                table: "Reservations",
                columns: new[] { "PlanId", "Status" });

            migrationBuilder.CreateIndex(
                name: "IX_Reservations_ProposalId",
                table: "Reservations",
                column: "ProposalId");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_PlanId",
                table: "Runs",
                column: "PlanId");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_Status",
                table: "Runs",
                column: "Status");

            migrationBuilder.CreateIndex(
                name: "IX_SetUpChange_InstrumentCode",
                table: "SetUpChange",
                column: "InstrumentCode");

            migrationBuilder.CreateIndex(
                name: "IX_SiteDistancesChange_ListId",
                table: "SiteDistancesChange",
                column: "ListId");

            migrationBuilder.CreateIndex(
                name: "IX_StaffLeaveChange_SiteCode_PersonId",
                table: "StaffLeaveChange",
                columns: new[] { "SiteCode", "PersonId" });

            migrationBuilder.CreateIndex(
                name: "IX_Versions_PlanId_Number",
                table: "Versions",
                columns: new[] { "PlanId", "Number" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "CalendarChange");

            migrationBuilder.DropTable(
                name: "CalendarDrafts");

            migrationBuilder.DropTable(
                name: "CallPlanChange");

            migrationBuilder.DropTable(
                name: "Calls");

            migrationBuilder.DropTable(
                name: "Cells");

            migrationBuilder.DropTable(
                name: "Changes");

            migrationBuilder.DropTable(
                name: "ContactGroupChange");

            migrationBuilder.DropTable(
                name: "DeadLetters");

            migrationBuilder.DropTable(
                name: "DispatcherLease");

            migrationBuilder.DropTable(
                name: "Disturbances");

            migrationBuilder.DropTable(
                name: "Equipment");

            migrationBuilder.DropTable(
                name: "ExperimentChange");

            migrationBuilder.DropTable(
                name: "FeedTokens");

            migrationBuilder.DropTable(
                name: "Forbids");

            migrationBuilder.DropTable(
                name: "Inbox");

            migrationBuilder.DropTable(
                name: "Instruments");

            migrationBuilder.DropTable(
                name: "Member");

            migrationBuilder.DropTable(
                name: "OpenPlans");

            migrationBuilder.DropTable(
                name: "Outbox");

            migrationBuilder.DropTable(
                name: "PatternChange");

            migrationBuilder.DropTable(
                name: "PlanEntry");

            migrationBuilder.DropTable(
                name: "Reservations");

            migrationBuilder.DropTable(
                name: "Runs");

            migrationBuilder.DropTable(
                name: "SetUpChange");

            migrationBuilder.DropTable(
                name: "SiteDistancesChange");

            migrationBuilder.DropTable(
                name: "Sites");

            migrationBuilder.DropTable(
                name: "StaffLeaveChange");

            migrationBuilder.DropTable(
                name: "Versions");

            migrationBuilder.DropTable(
                name: "Calendars");

            migrationBuilder.DropTable(
                name: "ContactGroups");

            migrationBuilder.DropTable(
                name: "Experiments");

            migrationBuilder.DropTable(
                name: "Proposals");

            migrationBuilder.DropTable(
                name: "OperatingPatterns");

            migrationBuilder.DropTable(
                name: "Plans");

            migrationBuilder.DropTable(
                name: "SetUps");

            migrationBuilder.DropTable(
                name: "SiteDistances");

            migrationBuilder.DropTable(
                name: "StaffLeave");
        }
    }
}
