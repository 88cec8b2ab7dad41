using System.Net;
using System.Net.Http.Headers;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Bindings;

/// <summary>Asks the app which input bindings it wants and brings it their events.</summary>
sealed partial class InputBindings(
    ComponentRegistry components, AppChannel app, ResiliencyPolicies policies, SidecarOptions options,
    TimeProvider time, ILogger<InputBindings> log) : IBuildingBlock, IDisposable
{
    CancellationTokenSource? _reading, _delivering;
    Task _running = Task.CompletedTask;

    public async Task StartDeliveringAsync(CancellationToken ct)
    {
        if (!app.HasApp || _reading is not null)
            return;
        (_reading, _delivering) = (new(), new());
        var running = new List<Task>();
        foreach (var (component, binding) in components.OfType<IInputBinding>())
            if (await IsWantedAsync(component, ct))
                running.Add(ReadAsync(component, binding, _reading.Token, _delivering.Token));
        _running = Task.WhenAll(running);
    }

    public async Task StopDeliveringAsync(CancellationToken ct)
    {
        if (_reading is null)
            return;
        await _reading.CancelAsync();
        await using (ct.Register(_delivering!.Cancel))
            await _running;
        Dispose();
    }

    public void Dispose()
    {
        _reading?.Dispose();
        _delivering?.Dispose();
        (_reading, _delivering) = (null, null);
    }

    /// <summary>The app answers OPTIONS with success, or with 405 where its route knows other methods only.</summary>
    async Task<bool> IsWantedAsync(Component component, CancellationToken ct)
    {
        var directions = InputRoute.Directions(component);
        if (directions.Count > 0)
            return directions.Contains("input");
        using var timeout = new CancellationTokenSource(options.AppBindingOptionsTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            using var request = Request(HttpMethod.Options, component);
            using var response = await app.SendAsync(request, either.Token);
            var wanted = response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.MethodNotAllowed;
            if (!wanted)
                NotWanted(log, component.Name, InputRoute.Path(component), (int)response.StatusCode);
            return wanted;
        }
        catch (Exception e) when (e is HttpRequestException or AppUnavailableException or OperationCanceledException
            && !ct.IsCancellationRequested)
        {
            NotAsked(log, component.Name, InputRoute.Path(component), e.Message);
            return false;
        }
    }

    async Task ReadAsync(
        Component component, IInputBinding binding, CancellationToken reading, CancellationToken delivering)
    {
        try
        {
            await binding.ReadAsync((data, _) => DeliverAsync(component, data, delivering), reading);
        }
        catch (OperationCanceledException) when (reading.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Broken(log, e, component.Name);
        }
    }

    async Task DeliverAsync(Component component, BindingData data, CancellationToken ct)
    {
        var policy = policies.ForComponent(component.Name, ComponentKind.Binding, Direction.Inbound);
        // To a policy only 200 is a success, as in the runtime; the event itself is done with any 2xx.
        var status = await policy.RunAsync(t => PostAsync(component, data, t), s => s == 200 ? null : s, ct);
        if (status is < 200 or > 299)
            throw new CodedException(status, $"the app answered {status} to {InputRoute.Path(component)}");
    }

    async Task<int> PostAsync(Component component, BindingData data, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Post, component);
        request.Content = new ByteArrayContent(data.Data ?? []);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in data.Metadata)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await app.SendAsync(request, ct);
        return (int)response.StatusCode;
    }

    HttpRequestMessage Request(HttpMethod method, Component component) =>
        new(method, new Uri(app.BaseAddress, InputRoute.Path(component)));

    [LoggerMessage(41, LogLevel.Information, "binding {Name}: the app does not want it: OPTIONS {Path} gave {Status}")]
    static partial void NotWanted(ILogger log, string name, string path, int status);

    [LoggerMessage(
        42, LogLevel.Warning, "binding {Name}: left out, for the app could not be asked by OPTIONS {Path}: {Error}")]
    static partial void NotAsked(ILogger log, string name, string path, string error);

    [LoggerMessage(43, LogLevel.Error, "binding {Name} stopped reading")]
    static partial void Broken(ILogger log, Exception e, string name);
}
