using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Tutti.Proposals.Migrations
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
                    AskedBy = table.Column<Guid>(nullable: false)
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
                    Title = table.Column<string>(nullable: false),
                    OpensAt = table.Column<DateTime>(nullable: false),
                    ClosesAt = table.Column<DateTime>(nullable: false),
                    BoardFeasibilityRequired = table.Column<bool>(nullable: false),
                    PanelChairId = table.Column<Guid>(nullable: false),
                    PanelMemberIds = table.Column<string>(nullable: false),
                    BeamtimeFrom = table.Column<DateTime>(nullable: false),
                    BeamtimeTo = table.Column<DateTime>(nullable: false),
                    Terms = table.Column<string>(nullable: false),
                    Stage = table.Column<string>(maxLength: 32, nullable: false),
                    Revision = table.Column<int>(nullable: false),
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
                name: "EquipmentKinds",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EquipmentKinds", x => x.Code);
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
                    SiteCode = table.Column<string>(nullable: true),
                    InScheme = table.Column<bool>(nullable: false),
                    ExSitu = table.Column<bool>(nullable: true),
                    InSitu = table.Column<bool>(nullable: true),
                    Operando = table.Column<bool>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instruments", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "Lifecycles",
                columns: table => new
                {
                    CorrelationId = table.Column<Guid>(nullable: false),
                    CurrentState = table.Column<string>(maxLength: 32, nullable: false),
                    Facts = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Lifecycles", x => x.CorrelationId);
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
                name: "People",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    Group = table.Column<string>(nullable: false),
                    Country = table.Column<string>(maxLength: 2, nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_People", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Proposals",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    CallId = table.Column<Guid>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    Title = table.Column<string>(maxLength: 300, nullable: false),
                    Text = table.Column<string>(nullable: false),
                    Changes = table.Column<int>(nullable: false),
                    Submission = table.Column<int>(nullable: false),
                    SubmittedText = table.Column<string>(nullable: true),
                    Revision = table.Column<int>(nullable: false),
                    SubmittedAt = table.Column<DateTime>(nullable: true),
                    ChangedAt = table.Column<DateTime>(nullable: false),
                    Report = table.Column<string>(nullable: true),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Proposals", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TermsChange",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    CallId = table.Column<Guid>(nullable: false),
                    Before = table.Column<string>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(maxLength: 2000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TermsChange", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TermsChange_Calls_CallId",
                        column: x => x.CallId,
                        principalTable: "Calls",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "History",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: false),
                    Number = table.Column<int>(nullable: false),
                    From = table.Column<string>(maxLength: 32, nullable: false),
                    To = table.Column<string>(maxLength: 32, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    Reason = table.Column<string>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_History", x => x.Id);
                    table.ForeignKey(
                        name: "FK_History_Proposals_ProposalId",
                        column: x => x.ProposalId,
                        principalTable: "Proposals",
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
                name: "IX_Members_PersonId",
                table: "Members",
                column: "PersonId");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_SentAt_SetAside_Position",
                table: "Outbox",
                columns: new[] { "SentAt", "SetAside", "Position" });

            migrationBuilder.CreateIndex(
                name: "IX_Proposals_CallId",
                table: "Proposals",
                column: "CallId");

            migrationBuilder.CreateIndex(
                name: "IX_TermsChange_CallId",
                table: "TermsChange",
                column: "CallId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Advice");

            migrationBuilder.DropTable(
                name: "DeadLetters");

            migrationBuilder.DropTable(
                name: "DispatcherLease");

            migrationBuilder.DropTable(
                name: "EquipmentKinds");

            migrationBuilder.DropTable(
                name: "History");

            migrationBuilder.DropTable(
                name: "Inbox");

            migrationBuilder.DropTable(
                name: "Instruments");

            migrationBuilder.DropTable(
                name: "Lifecycles");

            migrationBuilder.DropTable(
                name: "Members");

            migrationBuilder.DropTable(
                name: "Outbox");

            migrationBuilder.DropTable(
                name: "People");

            migrationBuilder.DropTable(
                name: "TermsChange");

            migrationBuilder.DropTable(
                name: "Proposals");

            migrationBuilder.DropTable(
                name: "Calls");
        }
    }
}
