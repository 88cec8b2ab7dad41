using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Users.Migrations
{
    /// <inheritdoc />
    public partial class PlanTerms : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "plan_paid_at",
                table: "quotas");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "own_valid_until",
                table: "quotas",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "changes_at",
                table: "quotas",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "own_max_devices",
                table: "quotas",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "own_total_cpu_cores",
                table: "quotas",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "own_total_memory_gb",
                table: "quotas",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            // what users have they keep, whether it was given or bought: terms of plans are known from now on
            migrationBuilder.Sql("""
                UPDATE quotas SET own_max_devices = max_devices, own_total_cpu_cores = total_cpu_cores,
                    own_total_memory_gb = total_memory_gb, own_valid_until = valid_until, plan = NULL
                """);

            migrationBuilder.CreateTable(
                name: "plan_terms",
                columns: table => new
                {
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    code = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    months = table.Column<int>(type: "integer", nullable: false),
                    max_devices = table.Column<int>(type: "integer", nullable: false),
                    total_cpu_cores = table.Column<int>(type: "integer", nullable: false),
                    total_memory_gb = table.Column<int>(type: "integer", nullable: false),
                    paid_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_plan_terms", x => x.payment_id);
                    table.ForeignKey(
                        name: "fk_plan_terms_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_quotas_changes_at",
                table: "quotas",
                column: "changes_at",
                filter: "changes_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_plan_terms_user_id",
                table: "plan_terms",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "plan_terms");

            migrationBuilder.DropIndex(
                name: "ix_quotas_changes_at",
                table: "quotas");

            migrationBuilder.DropColumn(
                name: "changes_at",
                table: "quotas");

            migrationBuilder.DropColumn(
                name: "own_max_devices",
                table: "quotas");

            migrationBuilder.DropColumn(
                name: "own_total_cpu_cores",
                table: "quotas");

            migrationBuilder.DropColumn(
                name: "own_total_memory_gb",
                table: "quotas");

            migrationBuilder.DropColumn(
                name: "own_valid_until",
                table: "quotas");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "plan_paid_at",
                table: "quotas",
                type: "timestamp with time zone",
                nullable: true);
        }
    }
}
