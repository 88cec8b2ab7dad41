namespace CloudPhone.Devices.Lifecycle;

/// <summary>What users, operators, schedules and the balance want of a phone.</summary>
sealed class Commands(DeviceDb db, DeviceMoves moves)
{
    /// <summary>Applies and saves it; what follows is for the actor.</summary>
    /// <returns>False where the state doesn't allow it.</returns>
    public async Task<bool> ApplyAsync(Device d, Trigger trigger, string? reason, CancellationToken ct)
    {
        if (!Apply(d, trigger, reason))
            return false;
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Its data are being copied, so this has to wait.</summary>
    public static bool IsHeld(Device d, Trigger trigger) =>
        d.HeldBy is not null && trigger is (Trigger.Start or Trigger.Restart or Trigger.Delete);

    /// <summary>Applies it, for the caller to save.</summary>
    public bool Apply(Device d, Trigger trigger, string? reason)
    {
        if (trigger == Trigger.Delete && d.Status == DeviceStatus.Deleting)
            return true;
        if (IsHeld(d, trigger) || !StateTable.Allows(d.Status, trigger))
            return false;
        if (trigger is Trigger.Stop or Trigger.Restart)
            (d.StopReason, d.RestartAfterStop) = (reason, trigger == Trigger.Restart);
        if (trigger == Trigger.Start)
            (d.RecoveryAttempts, d.BootDeadline) = (0, null);
        if (trigger == Trigger.Delete && d is { Status: DeviceStatus.Creating, Step: not CreationStep.Announced })
            (d.FailureCode, d.FailureReason) = (
                CreationFailures.Cancelled, "The phone was deleted while it was being created.");
        moves.Move(d, trigger, reason);
        return true;
    }
}
