namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Whom a route is for.</summary>
enum Audience { Anybody, Users, Operators, Admins, Services }

/// <summary>
/// Every operation that the services tell of, and whom it is for. One that is missing here fails a test: nothing is
/// open by oversight.
/// </summary>
static class Access
{
    public static readonly IReadOnlyDictionary<string, Audience> Of = new Dictionary<string, Audience>
    {
        ["POST /api/auth/register"] = Audience.Anybody,
        ["POST /api/auth/login"] = Audience.Anybody,
        ["POST /api/auth/refresh"] = Audience.Anybody,
        ["POST /api/auth/logout"] = Audience.Anybody,
        ["GET /api/users/me"] = Audience.Users,
        ["GET /api/users/{id}"] = Audience.Users,
        ["GET /api/users/me/audit"] = Audience.Users,
        ["GET /api/users/{id}/audit"] = Audience.Operators,
        ["POST /api/auth/password-reset"] = Audience.Anybody,
        ["POST /api/auth/password-reset/confirm"] = Audience.Anybody,
        ["PATCH /api/users/me"] = Audience.Users,
        ["POST /api/users/me/password"] = Audience.Users,
        ["PUT /api/users/{id}/roles"] = Audience.Admins,
        ["POST /api/users/{id}/suspend"] = Audience.Admins,
        ["POST /api/users/{id}/reinstate"] = Audience.Admins,
        ["GET /api/users/me/sessions"] = Audience.Users,
        ["DELETE /api/users/me/sessions/{id}"] = Audience.Users,
        ["DELETE /api/users/me/sessions"] = Audience.Users,
        ["DELETE /api/users/{id}/sessions"] = Audience.Operators,
        ["GET /api/users"] = Audience.Operators,
        ["GET /api/quotas/user/{userId}"] = Audience.Users,
        ["PUT /api/quotas/user/{userId}"] = Audience.Operators,
        ["POST /api/quotas/user/{userId}/usage"] = Audience.Services,
        ["POST /api/quotas/batch-usage"] = Audience.Services,
        ["POST /api/devices"] = Audience.Users,
        ["GET /api/devices"] = Audience.Users,
        ["GET /api/devices/{id}"] = Audience.Users,
        ["DELETE /api/devices/{id}"] = Audience.Users,
        ["GET /api/devices/user/{userId}"] = Audience.Users,
        ["POST /api/devices/{id}/start"] = Audience.Users,
        ["POST /api/devices/{id}/stop"] = Audience.Users,
        ["POST /api/devices/{id}/restart"] = Audience.Users,
        ["POST /api/devices/{id}/install"] = Audience.Users,
        ["GET /api/devices/{id}/apps"] = Audience.Users,
        ["GET /api/devices/{id}/history"] = Audience.Users,
        ["GET /api/apps"] = Audience.Users,
        ["GET /api/apps/{id}"] = Audience.Users,
        ["GET /api/apps/{id}/versions"] = Audience.Users,
        ["GET /api/apps/{id}/versions/{versionId}/file"] = Audience.Users,
        ["GET /api/apps/installs"] = Audience.Users,
        ["POST /api/apps"] = Audience.Operators,
        ["POST /api/apps/{id}/versions"] = Audience.Operators,
        ["PATCH /api/apps/{id}"] = Audience.Operators,
        ["DELETE /api/apps/{id}"] = Audience.Operators,
        ["GET /api/scheduler/nodes"] = Audience.Operators,
        ["POST /api/scheduler/nodes"] = Audience.Operators,
        ["GET /api/scheduler/nodes/{id}"] = Audience.Operators,
        ["PATCH /api/scheduler/nodes/{id}"] = Audience.Operators,
        ["GET /api/scheduler/placements"] = Audience.Operators,
        ["GET /api/scheduler/placements/history"] = Audience.Operators,
        ["GET /api/billing/plans"] = Audience.Users,
        ["GET /api/billing/usage"] = Audience.Users,
        ["GET /api/billing/rates"] = Audience.Users,
        ["GET /api/notifications"] = Audience.Users,
        ["GET /api/notifications/unread-count"] = Audience.Users,
        ["POST /api/notifications/{id}/read"] = Audience.Users,
        ["POST /api/notifications/read-all"] = Audience.Users,
        ["DELETE /api/notifications/{id}"] = Audience.Users,
        ["GET /api/notifications/preferences"] = Audience.Users,
        ["PUT /api/notifications/preferences"] = Audience.Users,
        ["GET /api/notifications/dead-letters"] = Audience.Operators,
        ["POST /api/notifications/dead-letters/{id}/replay"] = Audience.Operators,
        ["DELETE /api/notifications/dead-letters/{id}"] = Audience.Operators,
    };
}
