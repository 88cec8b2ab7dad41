using System.Collections.Concurrent;
using CloudPhone.Users.Quotas;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Users.Tests.Quotas;

/// <summary>The device service as far as the user service asks it: which phones there are.</summary>
sealed class PhoneList : IAsyncDisposable
{
    const int PageSize = 100;
    readonly WebApplication _web;

    PhoneList(WebApplication web) => _web = web;

    public ConcurrentDictionary<Guid, HeldDevice> Phones { get; } = [];
    public bool IsAway { get; set; }
    /// <summary>How often all phones were asked for.</summary>
    public int Lists { get; private set; }
    public string Address => _web.Urls.First();

    public static async Task<PhoneList> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var list = new PhoneList(web);
        web.MapGet("/internal/devices/holdings", list.List);
        await web.StartAsync();
        return list;
    }

    public void Add(Guid deviceId, Guid userId, int cores = 2, int memory = 4, bool isCounted = true) =>
        Phones[deviceId] = new(deviceId, userId, cores, memory, isCounted);

    IResult List(Guid[] ids, Guid? after)
    {
        if (IsAway)
            return TypedResults.StatusCode(503);
        if (ids.Length == 0 && after is null)
            Lists++;
        Assert.InRange(ids.Length, 0, PageSize);
        var found = ids.Length > 0 ? Phones.Values.Where(p => ids.Contains(p.DeviceId))
            : Phones.Values.Where(p => after is null || p.DeviceId > after);
        return TypedResults.Json(new HeldDevices([.. found.OrderBy(p => p.DeviceId).Take(PageSize)]));
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
