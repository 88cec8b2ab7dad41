using CloudPhone.Sidecar.Secrets;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;

namespace CloudPhone.Sidecar.Api.Grpc;

sealed class SecretsRpc(SecretsApi secrets)
{
    async Task<GetSecretResponse> GetAsync(GetSecretRequest request, ServerCallContext call)
    {
        var response = new GetSecretResponse();
        foreach (var (key, value) in await secrets.GetAsync(request.StoreName, request.Key, call.CancellationToken))
            response.Data.Add(key, value);
        return response;
    }

    async Task<GetBulkSecretResponse> GetBulkAsync(GetBulkSecretRequest request, ServerCallContext call)
    {
        var response = new GetBulkSecretResponse();
        foreach (var (name, entries) in await secrets.GetAllAsync(request.StoreName, call.CancellationToken))
        {
            var secret = new SecretResponse();
            foreach (var (key, value) in entries)
                secret.Secrets.Add(key, value);
            response.Data.Add(name, secret);
        }
        return response;
    }

    public sealed class Methods : DaprMethods<SecretsRpc>
    {
        protected override void AddMethods()
        {
            Add<GetSecretRequest, GetSecretResponse>("GetSecret", (s, r, c) => s.GetAsync(r, c));
            Add<GetBulkSecretRequest, GetBulkSecretResponse>("GetBulkSecret", (s, r, c) => s.GetBulkAsync(r, c));
        }
    }
}
