using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Scheduler.Migrations
{
    /// <inheritdoc />
    public partial class NodesLabelsAndHeartbeats : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "down_since",
                table: "nodes",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "labels",
                table: "nodes",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_seen_at",
                table: "nodes",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_nodes_last_seen_at",
                table: "nodes",
                column: "last_seen_at",
                filter: "last_seen_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_nodes_last_seen_at",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "down_since",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "labels",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "last_seen_at",
                table: "nodes");
        }
    }
}
