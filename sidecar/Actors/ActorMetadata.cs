using System.Text.Json.Nodes;
using CloudPhone.Sidecar.Api;

namespace CloudPhone.Sidecar.Actors;

/// <summary><c>actorRuntime</c> in GET /v1.0/metadata. This process is its own placement service.</summary>
sealed class ActorMetadata(ActorHost host, ActorTable table) : IMetadataContributor
{
    public void AddTo(JsonObject metadata)
    {
        if (!host.IsReady)
            return;
        var counts = table.Active.GroupBy(a => a.Key.Type).ToDictionary(g => g.Key, g => g.Count());
        metadata["actorRuntime"] = new JsonObject
        {
            ["runtimeStatus"] = "RUNNING",
            ["activeActors"] = new JsonArray([.. table.Types.Order().Select(t => new JsonObject
            {
                ["type"] = t, ["count"] = counts.GetValueOrDefault(t),
            })]),
            ["hostReady"] = true,
            ["placement"] = "placement: connected",
        };
    }
}
