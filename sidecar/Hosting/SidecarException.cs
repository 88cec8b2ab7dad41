namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// A wrong resource, flag or environment that ends the sidecar; the message is one sentence for its user.
/// </summary>
sealed class ConfigurationException(string message) : Exception(message);

/// <summary>An error of the Dapr API: HTTP status, gRPC status and the JSON body {errorCode, message}.</summary>
sealed class ApiException(int httpStatus, Grpc.Core.StatusCode grpcStatus, string errorCode, string message)
    : Exception(message)
{
    public int HttpStatus => httpStatus;
    public Grpc.Core.StatusCode GrpcStatus => grpcStatus;
    /// <summary>A word like <c>ERR_PUBSUB_NOT_FOUND</c>, which callers look for.</summary>
    public string ErrorCode => errorCode;
}
