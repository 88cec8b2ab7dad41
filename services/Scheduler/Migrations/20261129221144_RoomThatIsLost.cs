using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Scheduler.Migrations
{
    /// <inheritdoc />
    public partial class RoomThatIsLost : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // saving_since stays for replicas of the version before, which write it; nobody reads it any more

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "room_lost_at",
                table: "reservations",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "saved_from",
                table: "nodes",
                type: "timestamp with time zone",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "saved_from",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "room_lost_at",
                table: "reservations");
        }
    }
}
