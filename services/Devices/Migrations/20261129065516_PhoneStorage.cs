using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Devices.Migrations
{
    /// <inheritdoc />
    public partial class PhoneStorage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "storage_gb",
                table: "devices",
                type: "integer",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "storage_gb",
                table: "devices");
        }
    }
}
