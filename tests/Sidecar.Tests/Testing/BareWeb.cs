using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Sidecar.Tests.Testing;

/// <summary>
/// A web server on a loopback port and nothing else: no settings files, whose watchers run out when many tests run
/// at once, and no log.
/// </summary>
static class BareWeb
{
    public static WebApplicationBuilder At(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, port);
            k.Limits.MaxRequestBodySize = null;
        });
        builder.Services.AddRoutingCore();
        return builder;
    }
}
