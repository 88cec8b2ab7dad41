using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Devices.Migrations
{
    /// <inheritdoc />
    public partial class CopiesAndSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "search_name",
                table: "devices",
                type: "character varying(200)",
                maxLength: 200,
                nullable: false,
                defaultValue: "");
            // on SQLite letters beyond ASCII stay as they are until the phone is renamed
            migrationBuilder.Sql("UPDATE devices SET search_name = lower(name)");

            migrationBuilder.CreateIndex(
                name: "ix_operation_items_user_id_status",
                table: "operation_items",
                columns: new[] { "user_id", "status" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_operation_items_user_id_status",
                table: "operation_items");

            migrationBuilder.DropColumn(
                name: "search_name",
                table: "devices");
        }
    }
}
