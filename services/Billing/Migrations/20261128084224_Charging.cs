using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Billing.Migrations
{
    /// <inheritdoc />
    public partial class Charging : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "changes",
                table: "usage_records",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<decimal>(
                name: "charged_amount",
                table: "usage_records",
                type: "numeric(18,6)",
                precision: 18,
                scale: 6,
                nullable: false,
                defaultValue: 0m);

            migrationBuilder.AddColumn<long>(
                name: "charged_changes",
                table: "usage_records",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "charged_seconds",
                table: "usage_records",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "charged_until",
                table: "usage_records",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "included_seconds",
                table: "usage_records",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "storage_gb",
                table: "usage_records",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<decimal>(
                name: "per_storage_gb_hour",
                table: "rates",
                type: "numeric(18,6)",
                precision: 18,
                scale: 6,
                nullable: false,
                defaultValue: 0m);

            migrationBuilder.AddColumn<int>(
                name: "storage_gb",
                table: "device_facts",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "charging_turn",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    all_due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_id = table.Column<Guid>(type: "uuid", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    request_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    trace_parent = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_charging_turn", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "daily_usage",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    seconds = table.Column<long>(type: "bigint", nullable: false),
                    included_seconds = table.Column<long>(type: "bigint", nullable: false),
                    amount = table.Column<decimal>(type: "numeric(18,6)", precision: 18, scale: 6, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_daily_usage", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "grace_periods",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_id = table.Column<Guid>(type: "uuid", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    request_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    trace_parent = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_grace_periods", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "user_balances",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    balance = table.Column<decimal>(type: "numeric(18,6)", precision: 18, scale: 6, nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    is_low_told = table.Column<bool>(type: "boolean", nullable: false),
                    is_exhausted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_balances", x => x.user_id);
                });

            migrationBuilder.InsertData(
                table: "charging_turn",
                columns: new[] { "id", "all_due_at", "attempts", "lease_id", "next_attempt_at", "request_id", "trace_parent" },
                values: new object[] { new Guid("019a0000-0000-7000-8000-000000000021"), new DateTimeOffset(new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)), 0, null, new DateTimeOffset(new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)), null, null });

            migrationBuilder.UpdateData(
                table: "rates",
                keyColumn: "id",
                keyValue: new Guid("019a0000-0000-7000-8000-000000000001"),
                column: "per_storage_gb_hour",
                value: 0.01m);

            migrationBuilder.CreateIndex(
                name: "ix_usage_records_user_id",
                table: "usage_records",
                column: "user_id",
                filter: "status = 'Open' OR changes <> charged_changes");

            migrationBuilder.CreateIndex(
                name: "ix_daily_usage_device_id_day_user_id",
                table: "daily_usage",
                columns: new[] { "device_id", "day", "user_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_daily_usage_user_id_id",
                table: "daily_usage",
                columns: new[] { "user_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_grace_periods_next_attempt_at",
                table: "grace_periods",
                column: "next_attempt_at",
                filter: "next_attempt_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_grace_periods_user_id",
                table: "grace_periods",
                column: "user_id",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "charging_turn");

            migrationBuilder.DropTable(
                name: "daily_usage");

            migrationBuilder.DropTable(
                name: "grace_periods");

            migrationBuilder.DropTable(
                name: "user_balances");

            migrationBuilder.DropIndex(
                name: "ix_usage_records_user_id",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "changes",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "charged_amount",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "charged_changes",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "charged_seconds",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "charged_until",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "included_seconds",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "storage_gb",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "per_storage_gb_hour",
                table: "rates");

            migrationBuilder.DropColumn(
                name: "storage_gb",
                table: "device_facts");
        }
    }
}
