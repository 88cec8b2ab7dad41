using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Billing.Migrations
{
    /// <inheritdoc />
    public partial class RefundsThatFail : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_invoices_refund_id",
                table: "invoices");

            migrationBuilder.AddColumn<long>(
                name: "exhausted_version",
                table: "user_balances",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "trouble",
                table: "payments",
                type: "character varying(512)",
                maxLength: 512,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "from_version",
                table: "grace_periods",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "ix_invoices_refund_id_kind",
                table: "invoices",
                columns: new[] { "refund_id", "kind" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_invoices_refund_id_kind",
                table: "invoices");

            migrationBuilder.DropColumn(
                name: "exhausted_version",
                table: "user_balances");

            migrationBuilder.DropColumn(
                name: "trouble",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "from_version",
                table: "grace_periods");

            migrationBuilder.CreateIndex(
                name: "ix_invoices_refund_id",
                table: "invoices",
                column: "refund_id",
                unique: true);
        }
    }
}
