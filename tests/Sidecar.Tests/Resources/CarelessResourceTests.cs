namespace CloudPhone.Sidecar.Tests.Resources;

/// <summary>What the runtime passes over in silence ends this sidecar with a sentence that names file and
/// field.</summary>
public sealed class CarelessResourceTests : IDisposable
{
    readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("apiVersion: [",
        "a.yaml: line 2, column 1: not valid YAML: While parsing a node, did not find expected node content.")]
    [InlineData("- 1", "a.yaml: line 1: a resource must be a mapping of fields.")]
    [InlineData("kind: Component", "a.yaml: field 'apiVersion' is required.")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Pigeon\nmetadata: {name: x}",
        "a.yaml: field 'kind' is 'Pigeon'; known: Component, Subscription, Resiliency.")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: x}",
        "a.yaml: field 'kind' is Configuration, which is given by --config and not in a resources folder.")]
    [InlineData("apiVersion: dapr.io/v2alpha1\nkind: Component\nmetadata: {name: x}\nspec: {type: state.in-memory}",
        "a.yaml: field 'apiVersion' is 'dapr.io/v2alpha1'; known: dapr.io/v1alpha1.")]
    [InlineData("apiVersion: v1\nkind: Subscription\nmetadata: {name: x}",
        "a.yaml: field 'apiVersion' is 'v1'; known: dapr.io/v1alpha1, dapr.io/v2alpha1.")]
    public void A_resource(string text, string sentence) => Check(text, sentence);

    [Theory]
    [InlineData("spec: {type: state.in-memory}\nscope: [a]",
        "a.yaml: field 'scope' is not a known field; known here: apiVersion, auth, kind, metadata, scopes, spec.")]
    [InlineData("spec: {type: state.in-memory, colour: blue}",
        "a.yaml: field 'spec.colour' is not a known field; "
        + "known here: ignoreErrors, initTimeout, metadata, type, version.")]
    [InlineData("spec: {version: v1}", "a.yaml: field 'spec.type' is required.")]
    [InlineData("spec: {type: state.in-memory, version: v9}", "a.yaml: field 'spec.version' is 'v9'; known: v1.")]
    [InlineData("spec: {type: x, initTimeout: soon}",
        "a.yaml: field 'spec.initTimeout' must be a duration like 5s or 250ms, not 'soon'.")]
    [InlineData("spec: {type: x, ignoreErrors: maybe}",
        "a.yaml: field 'spec.ignoreErrors' must be true or false, not 'maybe'.")]
    [InlineData("spec: {type: x, metadata: {a: b}}", "a.yaml: field 'spec.metadata' must be a list.")]
    [InlineData("spec: {type: x, metadata: [a]}", "a.yaml: field 'spec.metadata[0]' must be a mapping of fields.")]
    [InlineData("spec: {type: x, metadata: [{value: a}]}", "a.yaml: field 'spec.metadata[0].name' is required.")]
    [InlineData("spec: {type: x, metadata: [{name: a, val: b}]}",
        "a.yaml: field 'spec.metadata[0].val' is not a known field; known here: envRef, name, secretKeyRef, value.")]
    [InlineData("spec: {type: x, metadata: [{name: a, value: b}, {name: A, value: c}]}",
        "a.yaml: field 'spec.metadata[1].name' 'A' is there twice.")]
    [InlineData("spec: {type: x, metadata: [{name: a, value: b, envRef: C}]}",
        "a.yaml: field 'spec.metadata[0].name' 'a' has more than one of value, secretKeyRef and envRef.")]
    [InlineData("spec: {type: x, metadata: [{name: a, secretKeyRef: {name: s}}]}",
        "a.yaml: field 'auth.secretStore' is required by a secretKeyRef.")]
    [InlineData("spec: {type: x, metadata: [{name: a, secretKeyRef: {nam: s}}]}",
        "a.yaml: field 'spec.metadata[0].secretKeyRef.name' is required.")]
    public void A_component(string rest, string sentence) =>
        Check("apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: x}\n" + rest, sentence);

    [Theory]
    [InlineData("{topic: t, routes: {default: /a}}", "a.yaml: field 'spec.pubsubname' is required.")]
    [InlineData("{pubsubname: p, topic: t, route: /a}", "a.yaml: field 'spec.routes' needs a default or rules.")]
    [InlineData("{pubsubname: p, topic: t, routes: {default: /a}, maxRetries: 3}",
        "a.yaml: field 'spec.maxRetries' is not a known field; "
        + "known here: bulkSubscribe, deadLetterTopic, metadata, pubsubname, routes, topic.")]
    [InlineData("{pubsubname: p, topic: t, routes: {rules: [{match: event.type ==, path: /a}]}}",
        "a.yaml: field 'spec.routes.rules[0].match' is not an expression: position 14: unexpected the end.")]
    [InlineData("{pubsubname: p, topic: t, routes: {rules: [{path: /a}]}}",
        "a.yaml: field 'spec.routes.rules[0].match' is required.")]
    [InlineData("{pubsubname: p, topic: t, routes: {default: /a}, bulkSubscribe: {enabled: true, maxMessagesCount: 0}}",
        "a.yaml: field 'spec.bulkSubscribe.maxMessagesCount' must be more than 0, not 0.")]
    public void A_subscription(string spec, string sentence) =>
        Check($"apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {{name: x}}\nspec: {spec}", sentence);

    [Theory]
    [InlineData("{policies: {retries: {r: {matching: {httpStatusCodes: \"429, 500-599\"}}}}}",
        "a.yaml: field 'spec.policies.retries.r.matching.httpStatusCodes' is not right: "
        + "' 500-599' has a blank; the list is written without any, like 429,500-599.")]
    [InlineData("{policies: {retries: {r: {matching: {gRPCStatusCodes: \"17\"}}}}}",
        "a.yaml: field 'spec.policies.retries.r.matching.gRPCStatusCodes' is not right: "
        + "'17' is no code or range of codes from 0 to 16.")]
    [InlineData("{policies: {retries: {r: {policy: linear}}}}",
        "a.yaml: field 'spec.policies.retries.r.policy' is 'linear'; known: constant, exponential.")]
    [InlineData("{policies: {retries: {r: {maxRetry: 3}}}}",
        "a.yaml: field 'spec.policies.retries.r.maxRetry' is not a known field; "
        + "known here: duration, matching, maxInterval, maxRetries, policy.")]
    [InlineData("{policies: {retries: {r: {maxRetries: few}}}}",
        "a.yaml: field 'spec.policies.retries.r.maxRetries' must be a whole number, not 'few'.")]
    [InlineData("{policies: {timeouts: {t: 5 s}}}",
        "a.yaml: field 'spec.policies.timeouts.t' must be a duration like 5s or 250ms, not '5 s'.")]
    [InlineData("{policies: {circuitBreakers: {c: {trip: failures > 3}}}}",
        "a.yaml: field 'spec.policies.circuitBreakers.c.trip' is not an expression: position 1: "
        + "unknown name 'failures'; known: requests, totalSuccesses, totalFailures, "
        + "consecutiveSuccesses, consecutiveFailures.")]
    [InlineData("{policies: {circuitBreakers: {c: {trip: requests + 1}}}}",
        "a.yaml: field 'spec.policies.circuitBreakers.c.trip' can't be evaluated: the expression is not boolean.")]
    [InlineData("{policies: {breakers: {}}}",
        "a.yaml: field 'spec.policies.breakers' is not a known field; known here: circuitBreakers, retries, timeouts.")]
    [InlineData(
        "{targets: {apps: {a: {retries: r}}}}", "a.yaml: field 'spec.targets.apps.a.retries' is not a known field; "
        + "known here: circuitBreaker, circuitBreakerCacheSize, retry, timeout.")]
    [InlineData("{targets: {components: {p: {retry: r}}}}",
        "a.yaml: field 'spec.targets.components.p.retry' is not a known field; known here: inbound, outbound.")]
    [InlineData("{policies: {circuitBreakers: {c: {}}}, targets: {actors: {A: {circuitBreaker: c}}}}",
        "a.yaml: field 'spec.targets.actors.A.circuitBreakerScope' is required "
        + "beside circuitBreaker: type, id or both.")]
    [InlineData("{policies: {timeouts: {t: 1s}}, targets: {apps: {a: {timeout: tt}}}}",
        "a.yaml: field 'spec.targets.apps.a.timeout' names the policy 'tt', which no resource defines; defined: t.")]
    [InlineData("{targets: {components: {p: {outbound: {circuitBreaker: c}}}}}",
        "a.yaml: field 'spec.targets.components.p.outbound.circuitBreaker' names the policy 'c', "
        + "which no resource defines; defined: none.")]
    public void A_resiliency(string spec, string sentence) =>
        Check($"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: {{name: x}}\nspec: {spec}", sentence);

    [Theory]
    [InlineData("spec: {tracing: {samplingRate: often}}",
        "config.txt: field 'spec.tracing.samplingRate' must be a number from 0 to 1, not 'often'.")]
    [InlineData("spec: {tracing: {zipkin: {endpointAddress: a}}}",
        "config.txt: field 'spec.tracing.zipkin' is not a known field; known here: otel, samplingRate.")]
    [InlineData("spec: {accessControl: {}}",
        "config.txt: field 'spec.accessControl' is not a known field; "
        + "known here: features, metric, metrics, nameResolution, tracing.")]
    [InlineData("spec: {nameResolution: {component: consul, configuration: {a: $NOT_SET}}}",
        "config.txt: the environment variable NOT_SET, which it refers to, is not set.")]
    public void A_configuration(string rest, string sentence) =>
        Assert.Equal(
            sentence, _folder.Error("apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: x}\n" + rest));

    [Fact]
    public void The_same_component_twice()
    {
        const string Text =
            "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: x}\nspec: {type: state.in-memory}\n";
        _folder.File("b.yaml", Text);
        Check(Text, "b.yaml: field 'metadata.name' is 'x', as that of another Component in a.yaml.");
    }

    [Fact]
    public void A_folder_that_is_not_there()
    {
        var options = _folder.Options() with { ResourcesPaths = ["/nowhere/at/all"] };
        var error = Assert.Throws<CloudPhone.Sidecar.Hosting.ConfigurationException>(
            () => CloudPhone.Sidecar.Resources.ResourceLoader.Load(options));
        Assert.Equal(
            "The resources folder /nowhere/at/all does not exist; --resources-path must name a folder.", error.Message);
    }

    void Check(string text, string sentence)
    {
        _folder.File("a.yaml", text);
        Assert.Equal(sentence, _folder.Error());
    }
}
