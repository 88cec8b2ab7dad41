using Microsoft.AspNetCore.Http.Metadata;

namespace CloudPhone.Shared.Http;

/// <summary>A route's own limit for bodies, as its metadata, in place of the 1 MiB that all others have.</summary>
/// <param name="MaxRequestBodySize">In bytes; more is answered 413.</param>
public sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
