using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Users.Migrations
{
    /// <inheritdoc />
    public partial class SuspensionEndsAndRenewals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "reinstated_at",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "renewal_at",
                table: "authenticators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "renewal_code",
                table: "authenticators",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_users_reinstated_at",
                table: "users",
                column: "reinstated_at",
                filter: "reinstated_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_users_suspended_at",
                table: "users",
                column: "suspended_at",
                filter: "suspended_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_users_reinstated_at",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_suspended_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "reinstated_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "renewal_at",
                table: "authenticators");

            migrationBuilder.DropColumn(
                name: "renewal_code",
                table: "authenticators");
        }
    }
}
