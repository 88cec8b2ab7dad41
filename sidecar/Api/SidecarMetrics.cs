using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Api;

/// <summary>
/// The few of the runtime's counters that are cheap to keep, under its names, in Prometheus' text format.
/// </summary>
sealed class SidecarMetrics(SidecarOptions options)
{
    readonly ConcurrentDictionary<Series, Counter> _counters = new();

    public void HttpServed(string method, Endpoint? endpoint, int status) =>
        Add("dapr_http_server_request_count", "method", method,
            "path", (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "", "status", Text(status));

    public void InvocationSent(string target) =>
        Add("dapr_runtime_service_invocation_req_sent_total", "dst_app_id", target, "type", "unary");

    public void InvocationAnswered(string target, int status) =>
        Add("dapr_runtime_service_invocation_res_recv_total",
            "src_app_id", target, "status", Text(status), "type", "unary");

    public void InvocationReceived(string caller) =>
        Add("dapr_runtime_service_invocation_req_recv_total", "src_app_id", caller);

    /// <param name="status">success, retry or drop.</param>
    public void PubSubIngress(string component, string topic, string status) =>
        Add("dapr_component_pubsub_ingress_count", "component", component, "topic", topic, "process_status", status);

    public void PubSubEgress(string component, string topic, bool success) =>
        Add("dapr_component_pubsub_egress_count",
            "component", component, "topic", topic, "success", success ? "true" : "false");

    public void Add(
        string name, string label1, string value1, string label2 = "", string value2 = "",
        string label3 = "", string value3 = "") =>
        _counters.GetOrAdd(new(name, label1, value1, label2, value2, label3, value3), _ => new()).Increment();

    internal Task WriteAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return http.Response.WriteAsync(ToText());
    }

    internal string ToText()
    {
        var text = new StringBuilder();
        foreach (var metric in _counters.GroupBy(c => c.Key.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append("# TYPE ").Append(metric.Key).Append(" counter\n");
            foreach (var (s, counter) in metric)
            {
                text.Append(s.Name).Append("{app_id=\"").Append(Escape(options.AppId)).Append('"');
                Label(text, s.Label1, s.Value1);
                Label(text, s.Label2, s.Value2);
                Label(text, s.Label3, s.Value3);
                text.Append("} ").Append(counter.Value.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }
        return text.ToString();
    }

    static void Label(StringBuilder text, string label, string value)
    {
        if (label.Length > 0)
            text.Append(',').Append(label).Append("=\"").Append(Escape(value)).Append('"');
    }

    static string Escape(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

    static string Text(int status) => status == 200 ? "200" : status.ToString(CultureInfo.InvariantCulture);

    readonly record struct Series(
        string Name, string Label1, string Value1, string Label2, string Value2, string Label3, string Value3);

    sealed class Counter
    {
        long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment() => Interlocked.Increment(ref _value);
    }
}
