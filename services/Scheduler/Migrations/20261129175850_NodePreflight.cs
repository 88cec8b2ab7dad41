using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Scheduler.Migrations
{
    /// <inheritdoc />
    public partial class NodePreflight : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_unfit",
                table: "nodes",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "preflight",
                table: "nodes",
                type: "text",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "is_unfit",
                table: "nodes");

            migrationBuilder.DropColumn(
                name: "preflight",
                table: "nodes");
        }
    }
}
