using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Apps.Migrations
{
    /// <inheritdoc />
    public partial class ReviewAndFacts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "min_sdk",
                table: "versions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "permissions",
                table: "versions",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "signature_schemes",
                table: "versions",
                type: "character varying(32)",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "status",
                table: "versions",
                type: "character varying(32)",
                maxLength: 32,
                nullable: false,
                defaultValue: "Approved");

            migrationBuilder.AddColumn<int>(
                name: "target_sdk",
                table: "versions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "uploaded_by",
                table: "versions",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));

            migrationBuilder.AddColumn<string>(
                name: "search_text",
                table: "apps",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: false,
                defaultValue: "");
            migrationBuilder.Sql("UPDATE apps SET search_text = lower(name || chr(10) || package_name)");

            migrationBuilder.CreateTable(
                name: "reviews",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    app_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version_id = table.Column<Guid>(type: "uuid", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    by_user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    by_username = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reviews", x => x.id);
                    table.ForeignKey(
                        name: "fk_reviews_versions_version_id",
                        column: x => x.version_id,
                        principalTable: "versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_versions_id",
                table: "versions",
                column: "id",
                filter: "status = 'PendingReview'");

            migrationBuilder.CreateIndex(
                name: "ix_reviews_app_id",
                table: "reviews",
                column: "app_id");

            migrationBuilder.CreateIndex(
                name: "ix_reviews_version_id",
                table: "reviews",
                column: "version_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "reviews");

            migrationBuilder.DropIndex(
                name: "ix_versions_id",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "min_sdk",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "permissions",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "signature_schemes",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "status",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "target_sdk",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "uploaded_by",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "search_text",
                table: "apps");
        }
    }
}
