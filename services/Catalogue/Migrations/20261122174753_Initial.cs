using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Tutti.Catalogue.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
                name: "Entries",
                columns: table => new
                {
                    Kind = table.Column<string>(maxLength: 32, nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Position = table.Column<int>(nullable: false),
                    Record = table.Column<string>(nullable: false),
                    Additions = table.Column<string>(nullable: true),
                    Revision = table.Column<int>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Entries", x => new { x.Kind, x.Code });
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
                    Name = table.Column<string>(maxLength: 200, nullable: false),
                    SiteCode = table.Column<string>(maxLength: 64, nullable: true),
                    PartnerCode = table.Column<string>(maxLength: 64, nullable: true),
                    Status = table.Column<string>(maxLength: 32, nullable: false),
                    InScheme = table.Column<bool>(nullable: false),
                    Technique = table.Column<string>(maxLength: 64, nullable: false),
                    SampleConstraints = table.Column<string>(nullable: false),
                    ExSitu = table.Column<bool>(nullable: true),
                    InSitu = table.Column<bool>(nullable: true),
                    Operando = table.Column<bool>(nullable: true),
                    SharedSources = table.Column<string>(nullable: false),
                    SearchText = table.Column<string>(nullable: false),
                    Position = table.Column<int>(nullable: false),
                    Record = table.Column<string>(nullable: false),
                    EditedAt = table.Column<DateTime>(nullable: true),
                    Revision = table.Column<int>(nullable: false),
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
                name: "Seeds",
                columns: table => new
                {
                    Id = table.Column<int>(nullable: false),
                    Edition = table.Column<int>(nullable: false),
                    Hash = table.Column<string>(maxLength: 64, nullable: false),
                    SeededAt = table.Column<DateTime>(nullable: false),
                    Version = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Seeds", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "History",
                columns: table => new
                {
                    Id = table.Column<Guid>(nullable: false),
                    InstrumentCode = table.Column<string>(nullable: false),
                    At = table.Column<DateTime>(nullable: false),
                    By = table.Column<Guid>(nullable: true),
                    Why = table.Column<string>(nullable: false),
                    Changes = table.Column<string>(nullable: false),
                    SourceRecord = table.Column<string>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_History", x => x.Id);
                    table.ForeignKey(
                        name: "FK_History_Instruments_InstrumentCode",
                        column: x => x.InstrumentCode,
                        principalTable: "Instruments",
                        principalColumn: "Code",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "InstrumentEnvironment",
                columns: table => new
                {
                    InstrumentCode = table.Column<string>(nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_InstrumentEnvironment", x => new { x.InstrumentCode, x.Code });
                    table.ForeignKey(
                        name: "FK_InstrumentEnvironment_Instruments_InstrumentCode",
                        column: x => x.InstrumentCode,
                        principalTable: "Instruments",
                        principalColumn: "Code",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "InstrumentTechnique",
                columns: table => new
                {
                    InstrumentCode = table.Column<string>(nullable: false),
                    Code = table.Column<string>(maxLength: 64, nullable: false),
                    Position = table.Column<int>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_InstrumentTechnique", x => new { x.InstrumentCode, x.Code });
                    table.ForeignKey(
                        name: "FK_InstrumentTechnique_Instruments_InstrumentCode",
                        column: x => x.InstrumentCode,
                        principalTable: "Instruments",
                        principalColumn: "Code",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_DeadLetters_FailedAt",
                table: "DeadLetters",
                column: "FailedAt");

            migrationBuilder.CreateIndex(
                name: "IX_History_InstrumentCode",
                table: "History",
                column: "InstrumentCode");

            migrationBuilder.CreateIndex(
                name: "IX_Inbox_ConsumedAt",
                table: "Inbox",
                column: "ConsumedAt");

            migrationBuilder.CreateIndex(
                name: "IX_InstrumentEnvironment_Code",
                table: "InstrumentEnvironment",
                column: "Code");

            migrationBuilder.CreateIndex(
                name: "IX_InstrumentTechnique_Code",
                table: "InstrumentTechnique",
                column: "Code");

            migrationBuilder.CreateIndex(
                name: "IX_Instruments_SiteCode",
                table: "Instruments",
                column: "SiteCode");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_SentAt_SetAside_Position",
                table: "Outbox",
                columns: new[] { "SentAt", "SetAside", "Position" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DeadLetters");

            migrationBuilder.DropTable(
                name: "DispatcherLease");

            migrationBuilder.DropTable(
                name: "Entries");

            migrationBuilder.DropTable(
                name: "History");

            migrationBuilder.DropTable(
                name: "Inbox");

            migrationBuilder.DropTable(
                name: "InstrumentEnvironment");

            migrationBuilder.DropTable(
                name: "InstrumentTechnique");

            migrationBuilder.DropTable(
                name: "Outbox");

            migrationBuilder.DropTable(
                name: "Seeds");

            migrationBuilder.DropTable(
                name: "Instruments");
        }
    }
}
