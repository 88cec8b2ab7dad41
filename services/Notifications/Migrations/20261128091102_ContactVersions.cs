using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Notifications.Migrations
{
    /// <inheritdoc />
    public partial class ContactVersions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "version",
                table: "contacts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "version",
                table: "contacts");
        }
    }
}
