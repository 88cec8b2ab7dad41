using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Notifications.Migrations
{
    /// <summary>What use costs is no notification any more: a pair of them each minute hid all else.</summary>
    public partial class NoNoiseOfUsage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // of the balances those that were stored as read
            migrationBuilder.Sql("""
                DELETE FROM notifications WHERE type = 'billing.usage_charged'
                    OR (type = 'user.balance_updated' AND read_at = created_at)
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
        }
    }
}
