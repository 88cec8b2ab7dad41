using CloudPhone.Users.Passwords;

namespace CloudPhone.Users.Tests.Passwords;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("1234567890")]
    [InlineData("9876543210123")]
    [InlineData("abcdefghijkl")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abababababab")]
    [InlineData("qwertyuiop")]
    [InlineData("QwertyUiop99")]
    [InlineData("password1234")]
    [InlineData("P@ssw0rd2026!")]
    [InlineData("passwordpassword")]
    [InlineData("!!dragon!!123")]
    [InlineData("1q2w3e4r5t6y")]
    [InlineData("iloveyou2026")]
    [InlineData("annabanana1!")]
    [InlineData("xannabanana")]
    [InlineData("anna.mail-77")]
    public void What_attackers_try_first_is_refused(string password) =>
        Assert.True(PasswordRules.IsCommon(password, "annabanana", "anna.mail@example.com"));

    [Theory]
    [InlineData("seven green lanterns")]
    [InlineData("correct horse battery")]
    [InlineData("k3#vQz9!pLw2")]
    [InlineData("我的电话在云端里面跑着呢")]
    [InlineData("dragonfly over pond")]
    [InlineData("my phone number is 12345678")]
    public void A_phrase_of_ones_own_is_taken(string password) =>
        Assert.False(PasswordRules.IsCommon(password, "annabanana", "anna.mail@example.com"));
}
