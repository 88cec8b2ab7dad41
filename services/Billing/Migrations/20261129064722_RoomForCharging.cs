using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Billing.Migrations
{
    /// <inheritdoc />
    public partial class RoomForCharging : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterTable(
                name: "usage_records")
                .Annotation("Npgsql:StorageParameter:fillfactor", 50);

            migrationBuilder.AlterTable(
                name: "daily_usage")
                .Annotation("Npgsql:StorageParameter:fillfactor", 50);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterTable(
                name: "usage_records")
                .OldAnnotation("Npgsql:StorageParameter:fillfactor", 50);

            migrationBuilder.AlterTable(
                name: "daily_usage")
                .OldAnnotation("Npgsql:StorageParameter:fillfactor", 50);
        }
    }
}
