using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Docker.DotNet;
using Docker.DotNet.X509;
using Polly;
using Polly.Retry;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>One node's engine. Calls that change nothing, or nothing twice, are tried again.</summary>
sealed partial class DockerEngine : IDisposable
{
    static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(20);
    static readonly ResiliencePipeline Retries = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>().Handle<IOException>()
            .Handle<DockerApiException>(e => e.StatusCode >= HttpStatusCode.InternalServerError),
        MaxRetryAttempts = 2, Delay = TimeSpan.FromMilliseconds(200), BackoffType = DelayBackoffType.Exponential,
    }).Build();

    readonly ILogger<DockerEngine> _log;
    readonly DockerClient _client;
    readonly Credentials _credentials;

    public DockerEngine(DockerNode node, ILogger<DockerEngine> log)
    {
        (Node, _log) = (node, log);
        _credentials = node.TlsFolder is { } folder ? Tls(folder) : new AnonymousCredentials();
        _client = new DockerClientConfiguration(node.Engine, _credentials, Timeout.InfiniteTimeSpan).CreateClient();
    }

    public DockerNode Node { get; }

    /// <summary>For what streams, which has no limit of time.</summary>
    public DockerClient Client => _client;

    /// <exception cref="ProviderException">The engine can't be reached, or refused.</exception>
    public Task DoAsync(
        Func<DockerClient, CancellationToken, Task> work, CancellationToken ct, TimeSpan? limit = null) =>
        AskAsync(async (c, token) => { await work(c, token); return true; }, ct, limit);

    /// <inheritdoc cref="DoAsync"/>
    public async Task<T> AskAsync<T>(
        Func<DockerClient, CancellationToken, Task<T>> work, CancellationToken ct, TimeSpan? limit = null)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        source.CancelAfter(limit ?? CallLimit);
        try
        {
            return await Retries.ExecuteAsync(async token => await work(_client, token), source.Token);
        }
        catch (DockerApiException e) when (e is not (DockerContainerNotFoundException or DockerImageNotFoundException)
            && e.StatusCode != HttpStatusCode.NotFound && e.StatusCode != HttpStatusCode.Conflict)
        {
            Refused(_log, Node.Name, e.Message); // its words are for operators, not for users
            throw new ProviderException($"The Docker engine of node {Node.Name} refused ({(int)e.StatusCode}).", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ProviderException($"The Docker engine of node {Node.Name} can't be reached.", e);
        }
    }

    /// <exception cref="Shared.Hosting.SettingException">The files can't be read.</exception>
    static CertificateCredentials Tls(string folder)
    {
        try
        {
            var own = X509Certificate2.CreateFromPemFile(
                Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
            var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.pem"));
            return new CertificateCredentials(own)
            {
                ServerCertificateValidationCallback = (_, server, _, errors) => server is not null
                    && !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && IsOf(authority, server),
            };
        }
        catch (Exception e) when (e is IOException or System.Security.Cryptography.CryptographicException)
        {
            throw new Shared.Hosting.SettingException(
                $"Put ca.pem, cert.pem and key.pem into {folder}, or set DOCKER_NODES to where they are: {e.Message}");
        }
    }

    static bool IsOf(X509Certificate2 authority, X509Certificate server)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var certificate = X509CertificateLoader.LoadCertificate(server.GetRawCertData());
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        _client.Dispose();
        _credentials.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "The Docker engine of node {Node} refused: {Reason}")]
    static partial void Refused(ILogger log, string node, string reason);
}
