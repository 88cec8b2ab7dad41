using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPhone.Testing;

/// <summary>
/// The real service on a free port, with a database of its own (SQLite in a temporary folder, or PostgreSQL where
/// TEST_DATABASE_URL names one of a server) and no sidecar: tests deliver events as a sidecar would, and read what it
/// would publish from the outbox.
/// </summary>
/// <typeparam name="TProgram">The service's Program.</typeparam>
public class TestService<TProgram> : WebApplicationFactory<TProgram> where TProgram : class
{
    public const string SidecarToken = "the sidecar's token in tests";
    static readonly string JwtSecret = new('k', 48);
    readonly string _data = Directory.CreateTempSubdirectory("cloudphone-test-").FullName;
    readonly Dictionary<string, string> _settings;

    /// <param name="settings">Settings of the service under test, by the names of the environment variables.</param>
    public TestService(params (string Name, string Value)[] settings)
    {
        _settings = new()
        {
            ["CLOUDPHONE_DATA"] = _data, ["JWT_SECRET"] = JwtSecret, ["APP_API_TOKEN"] = SidecarToken,
            ["USE_CONSUL"] = "false", ["DAPR_HTTP_PORT"] = "1", ["urls"] = "http://127.0.0.1:0",
        };
        foreach (var (name, value) in settings)
            _settings[name] = value;
        if (!_settings.ContainsKey("DATABASE_URL")
            && TestDatabase.For(
                $"{typeof(TProgram).Assembly.GetName().Name} {_settings["CLOUDPHONE_DATA"]}") is { } url)
            _settings["DATABASE_URL"] = url;
        UseKestrel(); // a port given here would be set while the service's own thread may have started it already
    }

    /// <summary>All its settings, for another instance of it.</summary>
    public (string Name, string Value)[] Settings => [.. _settings.Select(s => (s.Key, s.Value))];

    /// <summary>The folder of its SQLite files.</summary>
    public string DataFolder => _data;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseContentRoot(AppContext.BaseDirectory); // not searched for beside the solution
        foreach (var (name, value) in _settings)
            builder.UseSetting(name, value);
    }

    /// <summary>Another clock for the service: call before the first request.</summary>
    public TestService<TProgram> With(TimeProvider clock)
    {
        _clock = clock;
        return this;
    }

    TimeProvider? _clock;

    protected override Microsoft.Extensions.Hosting.IHost CreateHost(Microsoft.Extensions.Hosting.IHostBuilder builder)
    {
        if (_clock is not null)
            builder.ConfigureServices((_, s) => s.Replace(ServiceDescriptor.Singleton(_clock)));
        return base.CreateHost(builder);
    }

    public HttpClient Anonymous() => CreateClient();

    /// <summary>A client with a user's access token.</summary>
    public HttpClient As(Guid userId, params string[] roles) =>
        WithBearer(Tokens.User(userId, roles.Length > 0 ? roles : [Roles.User]));

    public HttpClient WithBearer(string token)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A client that shows a sibling service's token.</summary>
    public HttpClient AsService(string appId)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Add(ServiceTokens.Header, Tokens.Service(appId));
        return client;
    }

    /// <summary>Makes the tokens that this service takes.</summary>
    public TestTokens Tokens => new(JwtSecret);

    /// <summary>Delivers an event as the service's sidecar does.</summary>
    /// <returns>The answer: 200 acknowledges it.</returns>
    public async Task<HttpResponseMessage> DeliverAsync<TEvent>(
        TEvent e, string? eventId = null, string? requestId = null) where TEvent : IEvent
    {
        using var client = CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/events/{TEvent.EventName}");
        request.Headers.Add("dapr-api-token", SidecarToken);
        request.Content = JsonContent.Create(new Dictionary<string, object?>
        {
            ["specversion"] = "1.0",
            ["id"] = eventId ?? Guid.CreateVersion7().ToString(), ["type"] = TEvent.EventName, ["source"] = "test",
            ["datacontenttype"] = "application/json",
            ["tracestate"] = requestId is null ? "" : $"cloudphone={requestId}",
            ["data"] = JsonSerializer.SerializeToElement(e, EventJson.Options),
        }, new MediaTypeHeaderValue("application/cloudevents+json"));
        return await client.SendAsync(request);
    }

    /// <summary>What the service has published so far, oldest first.</summary>
    public async Task<IReadOnlyList<TEvent>> PublishedAsync<TEvent>() where TEvent : IEvent
    {
        var name = TEvent.EventName;
        return await InDatabaseAsync(
            async db => (await db.Outbox.Where(m => m.Type == name).OrderBy(m => m.Id).ToListAsync())
            .ConvertAll(m => JsonSerializer.Deserialize<TEvent>(m.Payload, EventJson.Options)!));
    }

    /// <summary>Looks into the service's database, as an operator with a shell would.</summary>
    public async Task<T> InDatabaseAsync<T>(Func<ServiceDb, Task<T>> look)
    {
        await using var scope = Services.CreateAsyncScope();
        return await look(scope.ServiceProvider.GetRequiredService<ServiceDb>());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Npgsql.NpgsqlConnection.ClearAllPools(); // else the server is full of connections that nobody uses any more
        Directory.Delete(_data, recursive: true);
        GC.SuppressFinalize(this);
    }
}
