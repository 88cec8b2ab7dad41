using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Scheduler.Migrations
{
    /// <inheritdoc />
    public partial class TimedActions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "timed_action_devices",
                columns: table => new
                {
                    action_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_timed_action_devices", x => new { x.action_id, x.device_id });
                });

            migrationBuilder.CreateTable(
                name: "timed_action_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    action_id = table.Column<Guid>(type: "uuid", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    outcome = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    devices = table.Column<int>(type: "integer", nullable: false),
                    missed_before = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_timed_action_runs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "timed_actions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    app_id = table.Column<Guid>(type: "uuid", nullable: true),
                    snapshot_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    run_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cron = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    time_zone = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    missed = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    next_run_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_id = table.Column<Guid>(type: "uuid", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    request_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    trace_parent = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_timed_actions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_timed_action_devices_device_id",
                table: "timed_action_devices",
                column: "device_id");

            migrationBuilder.CreateIndex(
                name: "ix_timed_action_runs_action_id_due_at",
                table: "timed_action_runs",
                columns: new[] { "action_id", "due_at" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_timed_action_runs_at",
                table: "timed_action_runs",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_timed_actions_next_attempt_at",
                table: "timed_actions",
                column: "next_attempt_at",
                filter: "next_attempt_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_timed_actions_user_id",
                table: "timed_actions",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "timed_action_devices");

            migrationBuilder.DropTable(
                name: "timed_action_runs");

            migrationBuilder.DropTable(
                name: "timed_actions");
        }
    }
}
