using System.Net;
using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Devices.Tests.Providers.Docker;

public class DockerNodeTests
{
    [Fact]
    public void Engines_are_on_this_machine_or_behind_TLS_in_a_private_network() => Assert.Equal(
        [
            new("here", new("unix:///var/run/docker.sock"), null, null),
            new("rack-2", new("tcp://10.0.0.2:2376"), "/etc/cp/2", IPAddress.Parse("10.0.0.2")),
            new("test", new("tcp://127.0.0.1:2375"), null, IPAddress.Loopback),
        ],
        DockerNode.Parse("here=unix:///var/run/docker.sock; rack-2=tcp://10.0.0.2:2376?tls=/etc/cp/2&publish=10.0.0.2;"
            + "test=tcp://127.0.0.1:2375?publish=127.0.0.1"));

    [Theory]
    [InlineData("")]
    [InlineData("unix:///var/run/docker.sock")]
    [InlineData("a b=unix:///var/run/docker.sock")]
    [InlineData("a=ftp://x")]
    [InlineData("a=unix:///x;a=unix:///y")]
    [InlineData("a=unix:///x?speed=1")]
    [InlineData("a=tcp://10.0.0.2:2376?tls=/x")] // phones could not be reached
    [InlineData("a=tcp://10.0.0.2:2375?publish=10.0.0.2")] // an engine for everybody
    [InlineData("a=tcp://10.0.0.2:2376?tls=/x&publish=0.0.0.0")] // phones for everybody
    [InlineData("a=tcp://10.0.0.2:2376?tls=/x&publish=93.184.216.34")]
    public void What_opens_an_engine_or_phones_to_everybody_or_can_t_be_read_ends_the_start(string nodes) =>
        Assert.Contains("DOCKER_NODES", Assert.Throws<SettingException>(() => DockerNode.Parse(nodes)).Message);
}
