using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Devices.Migrations
{
    /// <inheritdoc />
    public partial class AppChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "installs",
                type: "character varying(32)",
                maxLength: 32,
                nullable: false,
                defaultValue: "Install");

            migrationBuilder.AddColumn<int>(
                name: "progress",
                table: "installs",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "step",
                table: "installs",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "kind",
                table: "installs");

            migrationBuilder.DropColumn(
                name: "progress",
                table: "installs");

            migrationBuilder.DropColumn(
                name: "step",
                table: "installs");
        }
    }
}
