using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Tutti.Reduction.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "DataSets",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    Name = table.Column<string>(maxLength: 200, nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Technique = table.Column<string>(maxLength: 64, nullable: true),
                    Description = table.Column<string>(maxLength: 4000, nullable: true),
                    Sample = table.Column<string>(maxLength: 200, nullable: true),
                    Sha256 = table.Column<string>(maxLength: 64, nullable: false),
                    Files = table.Column<string>(nullable: false),
                    Length = table.Column<long>(nullable: false),
                    UnpackedLength = table.Column<long>(nullable: false),
                    Format = table.Column<string>(maxLength: 64, nullable: false),
                    InPlace = table.Column<bool>(nullable: false),
                    HasMissing = table.Column<bool>(nullable: false),
                    Spectra = table.Column<int>(nullable: false),
                    Channels = table.Column<int>(nullable: false),
                    AxisName = table.Column<string>(maxLength: 200, nullable: false),
                    AxisUnit = table.Column<string>(maxLength: 200, nullable: true),
                    AxisFrom = table.Column<double>(nullable: false),
                    AxisTo = table.Column<double>(nullable: false),
                    Warnings = table.Column<string>(nullable: false),
                    RegisteredBy = table.Column<Guid>(nullable: false),
                    RegisteredAt = table.Column<DateTime>(nullable: false),
                    Licence = table.Column<string>(maxLength: 32, nullable: true),
                    EmbargoUntil = table.Column<DateTime>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataSets", x => x.Id);
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
                name: "Experiments",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Experiments", x => x.Id);
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
                    SiteCode = table.Column<string>(maxLength: 64, nullable: true),
                    Technique = table.Column<string>(maxLength: 64, nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instruments", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "Jobs",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    DataSetId = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    Options = table.Column<string>(nullable: false),
                    Size = table.Column<string>(maxLength: 16, nullable: false),
                    Memory = table.Column<long>(nullable: false),
                    Priority = table.Column<string>(maxLength: 16, nullable: false),
                    RecipeId = table.Column<Guid>(nullable: true),
                    RecipeVersion = table.Column<int>(nullable: true),
                    Steps = table.Column<string>(nullable: true),
                    References = table.Column<string>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    RequestedBy = table.Column<Guid>(nullable: false),
                    QueuedAt = table.Column<DateTime>(nullable: false),
                    StartedAt = table.Column<DateTime>(nullable: true),
                    EndedAt = table.Column<DateTime>(nullable: true),
                    NotBefore = table.Column<DateTime>(nullable: true),
                    CancelRequestedAt = table.Column<DateTime>(nullable: true),
                    Worker = table.Column<Guid>(nullable: true),
                    LeaseUntil = table.Column<DateTime>(nullable: true),
                    Claims = table.Column<int>(nullable: false),
                    Failures = table.Column<int>(nullable: false),
                    Phase = table.Column<string>(maxLength: 32, nullable: false),
                    PhaseSince = table.Column<DateTime>(nullable: true),
                    PhaseIteration = table.Column<int>(nullable: false),
                    Iteration = table.Column<int>(nullable: false),
                    LofPercent = table.Column<double>(nullable: true),
                    Fraction = table.Column<double>(nullable: false),
                    KeptIteration = table.Column<int>(nullable: false),
                    Log = table.Column<string>(nullable: false),
                    Figures = table.Column<string>(nullable: true),
                    Files = table.Column<string>(nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: true),
                    Reason = table.Column<string>(nullable: true),
                    Attempts = table.Column<string>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Jobs", x => x.Id);
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
                name: "Proposals",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Withdrawn = table.Column<bool>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Proposals", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Recipes",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Owner = table.Column<Guid>(nullable: false),
                    Name = table.Column<string>(maxLength: 100, nullable: false),
                    Description = table.Column<string>(maxLength: 2000, nullable: true),
                    Technique = table.Column<string>(maxLength: 64, nullable: true),
                    Sharing = table.Column<string>(maxLength: 16, nullable: false),
                    ProposalId = table.Column<Guid>(nullable: true),
                    MadeAt = table.Column<DateTime>(nullable: false),
                    RetiredAt = table.Column<DateTime>(nullable: true),
                    Latest = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Recipes", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Techniques",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Techniques", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "Uploads",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Owner = table.Column<Guid>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    FileName = table.Column<string>(maxLength: 200, nullable: false),
                    Metadata = table.Column<string>(maxLength: 2000, nullable: false),
                    DeclaredSha256 = table.Column<string>(maxLength: 64, nullable: true),
                    Length = table.Column<long>(nullable: false),
                    Offset = table.Column<long>(nullable: false),
                    BegunAt = table.Column<DateTime>(nullable: false),
                    ExpiresAt = table.Column<DateTime>(nullable: false),
                    Writer = table.Column<Guid>(nullable: true),
                    WriterUntil = table.Column<DateTime>(nullable: true),
                    Sha256 = table.Column<string>(maxLength: 64, nullable: true),
                    DataSetId = table.Column<Guid>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Uploads", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TermsChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    DataSetId = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Licence = table.Column<string>(maxLength: 32, nullable: true),
                    EmbargoUntil = table.Column<DateTime>(nullable: false),
                    Reason = table.Column<string>(maxLength: 500, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TermsChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TermsChange_DataSets_DataSetId",
                        column: x => x.DataSetId,
                        principalTable: "DataSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Members",
                columns: table => new
                {
                    ProposalId = table.Column<Guid>(nullable: false),
                    PersonId = table.Column<Guid>(nullable: false),
                    Leads = table.Column<bool>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Members", x => new { x.ProposalId, x.PersonId });
                    table.ForeignKey(
                        name: "FK_Members_Proposals_ProposalId",
                        column: x => x.ProposalId,
                        principalTable: "Proposals",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RecipeVersions",
                columns: table => new
                {
                    RecipeId = table.Column<Guid>(nullable: false),
                    Number = table.Column<int>(nullable: false),
                    Steps = table.Column<string>(nullable: false),
                    Options = table.Column<string>(nullable: false),
                    Note = table.Column<string>(maxLength: 2000, nullable: true),
                    By = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RecipeVersions", x => new { x.RecipeId, x.Number });
                    table.ForeignKey(
                        name: "FK_RecipeVersions_Recipes_RecipeId",
                        column: x => x.RecipeId,
                        principalTable: "Recipes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_DataSets_ExperimentId_Sha256",
                table: "DataSets",
                columns: new[] { "ExperimentId", "Sha256" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_DataSets_ProposalId",
                table: "DataSets",
                column: "ProposalId");

            migrationBuilder.CreateIndex(
                name: "IX_DeadLetters_FailedAt",
                table: "DeadLetters",
                column: "FailedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Inbox_ConsumedAt",
                table: "Inbox",
                column: "ConsumedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_DataSetId",
                table: "Jobs",
                column: "DataSetId");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_RequestedBy_Status",
                table: "Jobs",
                columns: new[] { "RequestedBy", "Status" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Status_QueuedAt",
                table: "Jobs",
                columns: new[] { "Status", "QueuedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Members_PersonId",
                table: "Members",
                column: "PersonId");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_SentAt_SetAside_Position",
                table: "Outbox",
                columns: new[] { "SentAt", "SetAside", "Position" });

            migrationBuilder.CreateIndex(
                name: "IX_Recipes_Owner",
                table: "Recipes",
                column: "Owner");

            migrationBuilder.CreateIndex(
                name: "IX_Recipes_ProposalId",
                table: "Recipes",
                column: "ProposalId");

            migrationBuilder.CreateIndex(
                name: "IX_TermsChange_DataSetId",
                table: "TermsChange",
                column: "DataSetId");

            migrationBuilder.CreateIndex(
                name: "IX_Uploads_ExpiresAt",
                table: "Uploads",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_Uploads_Owner",
                table: "Uploads",
                column: "Owner");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DeadLetters");

            migrationBuilder.DropTable(
                name: "DispatcherLease");

            migrationBuilder.DropTable(
                name: "Experiments");

            migrationBuilder.DropTable(
                name: "Inbox");

            migrationBuilder.DropTable(
                name: "Instruments");

            migrationBuilder.DropTable(
                name: "Jobs");

            migrationBuilder.DropTable(
                name: "Members");

            migrationBuilder.DropTable(
                name: "Outbox");

            migrationBuilder.DropTable(
                name: "RecipeVersions");

            migrationBuilder.DropTable(
                name: "Techniques");

            migrationBuilder.DropTable(
                name: "TermsChange");

            migrationBuilder.DropTable(
                name: "Uploads");

            migrationBuilder.DropTable(
                name: "Proposals");

            migrationBuilder.DropTable(
                name: "Recipes");

            migrationBuilder.DropTable(
                name: "DataSets");
        }
    }
}
