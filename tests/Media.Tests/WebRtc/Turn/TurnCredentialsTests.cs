using CloudPhone.Media.WebRtc.Turn;

namespace CloudPhone.Media.Tests.WebRtc.Turn;

public class TurnCredentialsTests
{
    /// <summary>The password as `echo -n NAME | openssl dgst -sha1 -hmac SECRET -binary | base64` says it.</summary>
    [Fact]
    public void They_are_what_coturn_computes()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var made = TurnCredentials.Make("north", "0192-user", TimeSpan.FromHours(1), now);
        Assert.Equal("1800003600:0192-user", made.Username);
        Assert.Equal("w11Mv2+g50flB9/80NjURrG42xU=", made.Password);
        Assert.Equal(now.AddHours(1), made.ValidUntil);
    }
}
