using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Tutti.CellPool.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Cells",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    DesignCode = table.Column<string>(maxLength: 64, nullable: false),
                    HomeSite = table.Column<string>(maxLength: 64, nullable: false),
                    KeeperId = table.Column<Guid>(nullable: false),
                    QualifiedInstruments = table.Column<string>(nullable: false),
                    PreparationHours = table.Column<int>(nullable: false),
                    CleaningHours = table.Column<int>(nullable: false),
                    State = table.Column<string>(maxLength: 32, nullable: false),
                    Loans = table.Column<int>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Cells", x => x.Id);
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
                name: "Designs",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Name = table.Column<string>(nullable: false),
                    Facts = table.Column<string>(nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    InstrumentCodes = table.Column<string>(nullable: false),
                    Modes = table.Column<string>(nullable: false),
                    AddedBy = table.Column<Guid>(nullable: true),
                    AddedAt = table.Column<DateTime>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Designs", x => x.Code);
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
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    Minimal = table.Column<bool>(nullable: false),
                    BeforeHours = table.Column<int>(nullable: false),
                    LeadHours = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
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
                    Retired = table.Column<bool>(nullable: false),
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
                name: "Keepers",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    KeepsCells = table.Column<bool>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Keepers", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Laboratories",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Name = table.Column<string>(nullable: false),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    Notes = table.Column<string>(nullable: false),
                    InstrumentCodes = table.Column<string>(nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Laboratories", x => x.Code);
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
                    ProposalId = table.Column<Guid>(nullable: false),
                    WithdrawnAt = table.Column<DateTime>(nullable: true),
                    Asked = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Proposals", x => x.ProposalId);
                });

            migrationBuilder.CreateTable(
                name: "Reservations",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ProposalId = table.Column<Guid>(nullable: true),
                    ExperimentId = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(maxLength: 64, nullable: false),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    CellId = table.Column<Guid>(nullable: true),
                    CellCode = table.Column<string>(maxLength: 64, nullable: false),
                    LaboratoryCode = table.Column<string>(maxLength: 64, nullable: true),
                    EquipmentKind = table.Column<string>(maxLength: 64, nullable: true),
                    HeldFrom = table.Column<DateTime>(nullable: true),
                    HeldTo = table.Column<DateTime>(nullable: true),
                    Reasons = table.Column<string>(nullable: false),
                    NextFree = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reservations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Sites",
                columns: table => new
                {
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Revision = table.Column<int>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sites", x => x.Code);
                });

            migrationBuilder.CreateTable(
                name: "ServiceHistory",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    CellId = table.Column<Guid>(nullable: false),
                    From = table.Column<string>(maxLength: 32, nullable: true),
                    To = table.Column<string>(maxLength: 32, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ServiceHistory", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ServiceHistory_Cells_CellId",
                        column: x => x.CellId,
                        principalTable: "Cells",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Equipment",
                columns: table => new
                {
                    LaboratoryCode = table.Column<string>(nullable: false),
                    Kind = table.Column<string>(maxLength: 64, nullable: false),
                    Pieces = table.Column<int>(nullable: false),
                    Words = table.Column<string>(nullable: false),
                    LeadHours = table.Column<int>(nullable: true),
                    BeforeHours = table.Column<int>(nullable: true),
                    AfterHours = table.Column<int>(nullable: false),
                    SharedBySite = table.Column<bool>(nullable: false),
                    Outages = table.Column<string>(nullable: false),
                    KeptBy = table.Column<Guid>(nullable: true),
                    Revision = table.Column<int>(nullable: false),
                    Told = table.Column<int>(nullable: false),
                    Loans = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Equipment", x => new { x.LaboratoryCode, x.Kind });
                    table.ForeignKey(
                        name: "FK_Equipment_Laboratories_LaboratoryCode",
                        column: x => x.LaboratoryCode,
                        principalTable: "Laboratories",
                        principalColumn: "Code",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ReservationHistory",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    ReservationId = table.Column<Guid>(nullable: false),
                    To = table.Column<string>(maxLength: 32, nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    Cause = table.Column<string>(maxLength: 32, nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    Reason = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReservationHistory", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ReservationHistory_Reservations_ReservationId",
                        column: x => x.ReservationId,
                        principalTable: "Reservations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "EquipmentHistory",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    LaboratoryCode = table.Column<string>(nullable: false),
                    Kind = table.Column<string>(nullable: false),
                    Terms = table.Column<string>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: false),
                    Reason = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EquipmentHistory", x => x.Id);
                    table.ForeignKey(
                        name: "FK_EquipmentHistory_Equipment_LaboratoryCode_Kind",
                        columns: x => new { x.LaboratoryCode, x.Kind },
                        principalTable: "Equipment",
                        principalColumns: new[] { "LaboratoryCode", "Kind" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Cells_Code",
                table: "Cells",
                column: "Code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Cells_DesignCode",
                table: "Cells",
                column: "DesignCode");

            migrationBuilder.CreateIndex(
                name: "IX_DeadLetters_FailedAt",
                table: "DeadLetters",
                column: "FailedAt");

            migrationBuilder.CreateIndex(
                name: "IX_EquipmentHistory_LaboratoryCode_Kind",
                table: "EquipmentHistory",
                columns: new[] { "LaboratoryCode", "Kind" });

            migrationBuilder.CreateIndex(
                name: "IX_Inbox_ConsumedAt",
                table: "Inbox",
                column: "ConsumedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Laboratories_SiteCode",
                table: "Laboratories",
                column: "SiteCode");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_SentAt_SetAside_Position",
                table: "Outbox",
                columns: new[] { "SentAt", "SetAside", "Position" });

            migrationBuilder.CreateIndex(
                name: "IX_ReservationHistory_ReservationId",
                table: "ReservationHistory",
                column: "ReservationId");

            migrationBuilder.CreateIndex(
                name: "IX_Reservations_CellId_Status_HeldTo",
                table: "Reservations",
                columns: new[] { "CellId", "Status", "HeldTo" });

            migrationBuilder.CreateIndex(
                name: "IX_Reservations_EquipmentKind_Status_HeldTo",
                table: "Reservations",
                columns: new[] { "EquipmentKind", "Status", "HeldTo" });

            migrationBuilder.CreateIndex(
                name: "IX_Reservations_ProposalId",
                table: "Reservations",
                column: "ProposalId");

            migrationBuilder.CreateIndex(
                name: "IX_ServiceHistory_CellId",
                table: "ServiceHistory",
                column: "CellId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DeadLetters");

            migrationBuilder.DropTable(
                name: "Designs");

            migrationBuilder.DropTable(
                name: "DispatcherLease");

            migrationBuilder.DropTable(
                name: "EquipmentHistory");

            migrationBuilder.DropTable(
                name: "EquipmentKinds");

            migrationBuilder.DropTable(
                name: "Inbox");

            migrationBuilder.DropTable(
                name: "Instruments");

            migrationBuilder.DropTable(
                name: "Keepers");

            migrationBuilder.DropTable(
                name: "Outbox");

            migrationBuilder.DropTable(
                name: "Proposals");

            migrationBuilder.DropTable(
                name: "ReservationHistory");

            migrationBuilder.DropTable(
                name: "ServiceHistory");

            migrationBuilder.DropTable(
                name: "Sites");

            migrationBuilder.DropTable(
                name: "Equipment");

            migrationBuilder.DropTable(
                name: "Reservations");

            migrationBuilder.DropTable(
                name: "Cells");

            migrationBuilder.DropTable(
                name: "Laboratories");
        }
    }
}
