using System.Net;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Secrets;

public sealed class SecretsTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("secrets-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task As_recorded_on_the_runtime()
    {
        await using var sidecar = await StartAsync("{\"a\":\"1\",\"nested\":{\"b\":\"2\"}}");
        await sidecar.AnswersAsync("env/MY_SECRET", 200, """{"MY_SECRET":"v"}""");
        await sidecar.AnswersAsync("env/NOT_THERE", 200, """{"NOT_THERE":""}""");
        await sidecar.AnswersAsync("file/a", 200, """{"a":"1"}""");
        await sidecar.AnswersAsync("file/nested:b", 200, """{"nested:b":"2"}""");
        await sidecar.AnswersAsync("file/none", 500, """{"errorCode":"ERR_SECRET_GET","message":"""
            + "\"failed getting secret with key none from secret store file: secret none not found\"}");
        await sidecar.AnswersAsync("file/bulk", 200, """{"a":{"a":"1"},"nested:b":{"nested:b":"2"}}""");
        await sidecar.AnswersAsync("nope/a", 401, """
            {"errorCode":"ERR_SECRET_STORE_NOT_FOUND","message":"failed finding secret store with key nope"}
            """);
    }

    [Fact]
    public async Task What_protects_the_sidecar_is_no_secret()
    {
        await using var sidecar = await StartAsync("{}");
        await sidecar.AnswersAsync("env/APP_API_TOKEN", 200, """{"APP_API_TOKEN":""}""");
        await sidecar.AnswersAsync("env/DAPR_API_TOKEN", 200, """{"DAPR_API_TOKEN":""}""");
        await sidecar.AnswersAsync("env/bulk", 200, """{"MY_SECRET":{"MY_SECRET":"v"}}""");
    }

    [Fact]
    public async Task Multi_valued_secrets_have_their_entries_and_other_values_their_text()
    {
        await using var sidecar = await StartAsync(
            """{"db":{"user":"u","port":5432,"deep":{"on":true}},"list":["x"],"plain":"p"}""",
            ("multiValued", "true"), ("nestedSeparator", "."));
        await sidecar.AnswersAsync("file/db", 200, """{"user":"u","port":"5432","deep.on":"true"}""");
        await sidecar.AnswersAsync("file/list", 200, """{"0":"x"}""");
        await sidecar.AnswersAsync("file/plain", 200, """{"plain":"p"}""");
    }

    [Fact]
    public async Task Without_a_store()
    {
        await using var sidecar = await TestSidecar.StartAsync("user-service");
        await sidecar.AnswersAsync("env/a", 500, """
            {"errorCode":"ERR_SECRET_STORES_NOT_CONFIGURED","message":"secret store is not configured"}
            """);
    }

    [Theory]
    [InlineData("[1]", "must name a JSON object: ")]
    [InlineData("{", "can't be read: ")]
    [InlineData(null, "can't be read: ")]
    public async Task A_wrong_file_ends_the_sidecar(string? json, string why)
    {
        var error = await Assert.ThrowsAsync<CloudPhone.Sidecar.Hosting.ConfigurationException>(() => StartAsync(json));
        Assert.Contains("component 'file': spec.metadata 'secretsFile' " + why, error.Message);
    }

    Task<TestSidecar> StartAsync(string? json, params (string, string)[] more)
    {
        var file = Path.Combine(_folder.FullName, "secrets.json");
        if (json is not null)
            File.WriteAllText(file, json);
        return TestSidecar.StartAsync("user-service", resources:
            [
                TestSidecar.Component("env", "secretstores.local.env"),
                TestSidecar.Component("file", "secretstores.local.file", [("secretsFile", file), .. more]),
            ], with: o => o with
            {
                Environment = new Dictionary<string, string>
                {
                    ["MY_SECRET"] = "v", ["APP_API_TOKEN"] = "t", ["DAPR_API_TOKEN"] = "t",
                },
            });
    }
}

static class SecretAnswers
{
    public static async Task AnswersAsync(this TestSidecar sidecar, string path, int status, string body)
    {
        var response = await sidecar.Http.GetAsync($"/v1.0/secrets/{path}");
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(body.Trim(), await response.Content.ReadAsStringAsync());
    }
}
