using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Users.Migrations
{
    /// <inheritdoc />
    public partial class WhatRefundsTook : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "failed_at",
                table: "top_up_terms",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "refunded_at",
                table: "top_up_terms",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<TimeSpan>(
                name: "taken",
                table: "top_up_terms",
                type: "interval",
                nullable: false,
                defaultValue: new TimeSpan(0, 0, 0, 0, 0));

            // how much they took nobody wrote down: all of it is given again should they fail, as before
            migrationBuilder.Sql("""
                UPDATE top_up_terms SET taken = make_interval(days => days), refunded_at = coalesce(
                    (SELECT created_at FROM ledger_entries WHERE reason = 'refund' AND cause_id = refund_id), now())
                WHERE refund_id IS NOT NULL
                """);

            migrationBuilder.DropIndex(
                name: "ix_top_up_terms_refund_id",
                table: "top_up_terms");

            migrationBuilder.DropColumn(
                name: "refund_id",
                table: "top_up_terms");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "failed_at",
                table: "top_up_terms");

            migrationBuilder.DropColumn(
                name: "refunded_at",
                table: "top_up_terms");

            migrationBuilder.DropColumn(
                name: "taken",
                table: "top_up_terms");

            migrationBuilder.AddColumn<Guid>(
                name: "refund_id",
                table: "top_up_terms",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_top_up_terms_refund_id",
                table: "top_up_terms",
                column: "refund_id",
                unique: true,
                filter: "refund_id IS NOT NULL");
        }
    }
}
