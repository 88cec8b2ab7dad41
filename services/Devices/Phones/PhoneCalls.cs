using CloudPhone.Adb;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Phones;

/// <summary>What users do within their phones: only where one runs, only for so long, and with a trace where it changes
/// something.</summary>
sealed class PhoneCalls(DeviceDb db, AdbPhones phones, TimeProvider clock)
{
    /// <summary>Shorter than the sidecars of callers wait.</summary>
    public static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(4);

    /// <param name="wrong">What is wrong with the request itself; null: nothing. Told to those only who may see the
    /// phone.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <param name="call">What is done over ADB.</param>
    public async Task<Results<T, ProblemHttpResult>> CallAsync<T>(
        Guid deviceId, CurrentUser user, ProblemHttpResult? wrong, TimeSpan limit,
        Func<PhoneCall, CancellationToken, Task<Results<T, ProblemHttpResult>>> call, CancellationToken ct)
        where T : IResult
    {
        var device = await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == deviceId, ct);
        if (device is null)
            return Problems.NotFound("device");
        if (wrong is not null)
            return wrong;
        var status = $"{device.Status}".ToLowerInvariant();
        if (device.Status != DeviceStatus.Running)
            return Problems.Of(409, "wrong-state", $"The phone is {status}: it has to run.", ("deviceStatus", status));
        using var end = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, end.Token);
        try
        {
            return await call(new(device, phones.Of(deviceId), user, db, clock), either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return NoAnswer("The phone did not answer in time.");
        }
        catch (AdbException e)
        {
            return e.Fault is AdbFault.Refused or AdbFault.Closed
                ? Problems.Conflict("phone-refused", e.Message) : NoAnswer(e.Message);
        }
    }

    static ProblemHttpResult NoAnswer(string why) => Problems.Of(504, "no-answer", why);
}

/// <summary>One call, within a phone that runs.</summary>
sealed class PhoneCall(Device device, AdbPhone phone, CurrentUser user, DeviceDb db, TimeProvider clock)
{
    public AdbPhone Phone => phone;

    /// <summary>Writes down what is about to be done, so that nothing is done without a trace.</summary>
    /// <param name="act">A stable word of <see cref="Acts"/>.</param>
    /// <param name="detail">For people; nothing that is secret.</param>
    public async Task RecordAsync(string act, string detail, CancellationToken ct)
    {
        db.Add(DeviceHistoryEntry.OfAct(device, act, detail, user.Id, clock.GetUtcNow()));
        await db.SaveChangesAsync(ct);
    }
}
