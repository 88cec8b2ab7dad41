using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace CloudPhone.Billing.Migrations
{
    /// <inheritdoc />
    public partial class Plans : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "plans",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    code = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    price_per_month = table.Column<decimal>(type: "numeric(18,6)", precision: 18, scale: 6, nullable: false),
                    included_hours = table.Column<int>(type: "integer", nullable: false),
                    max_devices = table.Column<int>(type: "integer", nullable: false),
                    total_cpu_cores = table.Column<int>(type: "integer", nullable: false),
                    total_memory_gb = table.Column<int>(type: "integer", nullable: false),
                    is_active = table.Column<bool>(type: "boolean", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_plans", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "subscribers",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changes = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_subscribers", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "subscriptions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    plan_id = table.Column<Guid>(type: "uuid", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    month = table.Column<int>(type: "integer", nullable: false),
                    from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    included_seconds = table.Column<long>(type: "bigint", nullable: false),
                    used_seconds = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_subscriptions", x => x.id);
                });

            migrationBuilder.InsertData(
                table: "plans",
                columns: new[] { "id", "code", "included_hours", "is_active", "max_devices", "name", "price_per_month", "total_cpu_cores", "total_memory_gb", "version" },
                values: new object[,]
                {
                    { new Guid("019a0000-0000-7000-8000-000000000011"), "free", 0, true, 1, "Free", 0m, 2, 4, 1L },
                    { new Guid("019a0000-0000-7000-8000-000000000012"), "basic", 120, true, 5, "Basic", 99m, 16, 32, 1L },
                    { new Guid("019a0000-0000-7000-8000-000000000013"), "pro", 400, true, 20, "Pro", 299m, 64, 128, 1L },
                    { new Guid("019a0000-0000-7000-8000-000000000014"), "enterprise", 1500, true, 100, "Enterprise", 999m, 400, 800, 1L }
                });

            migrationBuilder.CreateIndex(
                name: "ix_plans_code",
                table: "plans",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_order_id_month",
                table: "subscriptions",
                columns: new[] { "order_id", "month" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_user_id_from",
                table: "subscriptions",
                columns: new[] { "user_id", "from" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "plans");

            migrationBuilder.DropTable(
                name: "subscribers");

            migrationBuilder.DropTable(
                name: "subscriptions");
        }
    }
}
