using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Tutti.Review.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Advice",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    AskedBy = table.Column<Guid>(nullable: false),
                    AskerGroupKey = table.Column<string>(nullable: false),
                    Question = table.Column<string>(nullable: false),
                    TechniqueCodes = table.Column<string>(nullable: false),
                    Sample = table.Column<string>(nullable: false),
                    Industrial = table.Column<bool>(nullable: false),
                    AskedAt = table.Column<DateTime>(nullable: false),
                    AdvisorId = table.Column<Guid>(nullable: true),
                    AnsweredAt = table.Column<DateTime>(nullable: true),
                    Answer = table.Column<string>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Advice", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Calls",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Title = table.Column<string>(nullable: false),
                    ClosesAt = table.Column<DateTime>(nullable: false),
                    Closed = table.Column<bool>(nullable: false),
                    PanelChairId = table.Column<Guid>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Calls", x => x.Id);
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
                name: "Grades",
                columns: table => new
                {
                    ProposalId = table.Column<Guid>(nullable: false),
                    PersonId = table.Column<Guid>(nullable: false),
                    Group = table.Column<string>(nullable: false),
                    Value = table.Column<int>(nullable: false),
                    Comment = table.Column<string>(nullable: false),
                    GradedAt = table.Column<DateTime>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Grades", x => new { x.ProposalId, x.PersonId });
                });

            migrationBuilder.CreateTable(
                name: "History",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    Submission = table.Column<int>(nullable: false),
                    Act = table.Column<string>(maxLength: 32, nullable: false),
                    What = table.Column<string>(nullable: false),
                    Why = table.Column<string>(nullable: true),
                    By = table.Column<Guid>(nullable: false),
                    At = table.Column<DateTime>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_History", x => x.Id);
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
                    Retired = table.Column<bool>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instruments", x => x.Code);
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
                    CallId = table.Column<Guid>(nullable: false),
                    Submission = table.Column<int>(nullable: false),
                    Asked = table.Column<int>(nullable: false),
                    BoardRequired = table.Column<bool>(nullable: false),
                    Wished = table.Column<int>(nullable: false),
                    Withdrawn = table.Column<bool>(nullable: false),
                    Title = table.Column<string>(nullable: false),
                    Text = table.Column<string>(nullable: false),
                    SubmittedAt = table.Column<DateTime>(nullable: false),
                    Grade = table.Column<double>(nullable: true),
                    Grades = table.Column<int>(nullable: false),
                    Rank = table.Column<int>(nullable: true),
                    Outcome = table.Column<string>(maxLength: 32, nullable: true),
                    Grants = table.Column<string>(nullable: false),
                    ReasonCodes = table.Column<string>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Proposals", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Rankings",
                columns: table => new
                {
                    CallId = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Order = table.Column<string>(nullable: false),
                    DecidedBy = table.Column<Guid>(nullable: false),
                    DecidedAt = table.Column<DateTime>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Rankings", x => new { x.CallId, x.Revision });
                });

            migrationBuilder.CreateTable(
                name: "Panel",
                columns: table => new
                {
                    CallId = table.Column<Guid>(nullable: false),
                    PersonId = table.Column<Guid>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Panel", x => new { x.CallId, x.PersonId });
                    table.ForeignKey(
                        name: "FK_Panel_Calls_CallId",
                        column: x => x.CallId,
                        principalTable: "Calls",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Advisors",
                columns: table => new
                {
                    ProposalId = table.Column<Guid>(nullable: false),
                    PersonId = table.Column<Guid>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Advisors", x => new { x.ProposalId, x.PersonId });
                    table.ForeignKey(
                        name: "FK_Advisors_Proposals_ProposalId",
                        column: x => x.ProposalId,
                        principalTable: "Proposals",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Tasks",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    Submission = table.Column<int>(nullable: false),
                    ExperimentId = table.Column<Guid>(nullable: true),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: true),
                    Verdict = table.Column<string>(maxLength: 32, nullable: true),
                    Comment = table.Column<string>(nullable: true),
                    JudgedBy = table.Column<Guid>(nullable: true),
                    JudgedAt = table.Column<DateTime>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tasks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Tasks_Proposals_ProposalId",
                        column: x => x.ProposalId,
                        principalTable: "Proposals",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Team",
                columns: table => new
                {
                    ProposalId = table.Column<Guid>(nullable: false),
                    PersonId = table.Column<Guid>(nullable: false),
                    GroupKey = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Team", x => new { x.ProposalId, x.PersonId });
                    table.ForeignKey(
                        name: "FK_Team_Proposals_ProposalId",
                        column: x => x.ProposalId,
                        principalTable: "Proposals",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Advice_AnsweredAt",
                table: "Advice",
                column: "AnsweredAt");

            migrationBuilder.CreateIndex(
                name: "IX_Advice_AskedBy",
                table: "Advice",
                column: "AskedBy");

            migrationBuilder.CreateIndex(
                name: "IX_DeadLetters_FailedAt",
                table: "DeadLetters",
                column: "FailedAt");

            migrationBuilder.CreateIndex(
                name: "IX_History_ProposalId",
                table: "History",
                column: "ProposalId");

            migrationBuilder.CreateIndex(
                name: "IX_Inbox_ConsumedAt",
                table: "Inbox",
                column: "ConsumedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Instruments_SiteCode",
                table: "Instruments",
                column: "SiteCode");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_SentAt_SetAside_Position",
                table: "Outbox",
                columns: new[] { "SentAt", "SetAside", "Position" });

            migrationBuilder.CreateIndex(
                name: "IX_Panel_PersonId",
                table: "Panel",
                column: "PersonId");

            migrationBuilder.CreateIndex(
                name: "IX_Proposals_CallId",
                table: "Proposals",
                column: "CallId");

            migrationBuilder.CreateIndex(
                name: "IX_Tasks_InstrumentCode_Verdict",
                table: "Tasks",
                columns: new[] { "InstrumentCode", "Verdict" });

            migrationBuilder.CreateIndex(
                name: "IX_Tasks_ProposalId",
                table: "Tasks",
                column: "ProposalId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Advice");

            migrationBuilder.DropTable(
                name: "Advisors");

            migrationBuilder.DropTable(
                name: "DeadLetters");

            migrationBuilder.DropTable(
                name: "DispatcherLease");

            migrationBuilder.DropTable(
                name: "Grades");

            migrationBuilder.DropTable(
                name: "History");

            migrationBuilder.DropTable(
                name: "Inbox");

            migrationBuilder.DropTable(
                name: "Instruments");

            migrationBuilder.DropTable(
                name: "Outbox");

            migrationBuilder.DropTable(
                name: "Panel");

            migrationBuilder.DropTable(
                name: "Rankings");

            migrationBuilder.DropTable(
                name: "Tasks");

            migrationBuilder.DropTable(
                name: "Team");

            migrationBuilder.DropTable(
                name: "Calls");

            migrationBuilder.DropTable(
                name: "Proposals");
        }
    }
}
