using System.Text.RegularExpressions;
using CloudPhone.Sidecar.PubSub;
using CloudPhone.Sidecar.PubSub.Embedded;

namespace CloudPhone.Sidecar.Tests.PubSub.Embedded;

public sealed class TopicPatternTests
{
    [Theory]
    [InlineData("device.created", "device.created", true)]
    [InlineData("device.created", "device.stopped", false)]
    [InlineData("device.*", "device.created", true)]
    [InlineData("device.*", "device", false)]
    [InlineData("device.*", "device.a.b", false)]
    [InlineData("device.#", "device", true)]
    [InlineData("device.#", "device.a.b", true)]
    [InlineData("#", "", true)]
    [InlineData("*", "", false)]
    [InlineData("", "", true)]
    [InlineData("", "device.created", false)]
    [InlineData("#.created", "a.b.created", true)]
    [InlineData("#.*", "", false)]
    [InlineData("a.#.b.#.c", "a.x.b.c", true)]
    [InlineData(" device.stopped", "device.stopped", false)]
    [InlineData("dev*", "device", false)]
    [InlineData("a.*.c", "a..c", true)]
    public void Wildcards_stand_for_words(string binding, string key, bool takes) =>
        Assert.Equal(takes, TopicPattern.Takes(ExchangeKind.Topic, binding, key));

    [Fact]
    public void Agrees_with_a_regular_expression_on_every_short_pattern_and_key()
    {
        var keys = Sequences(["a", "b", ""], 4).Select(k => string.Join('.', k)).Distinct().ToList();
        foreach (var pattern in Sequences(["a", "b", "*", "#"], 4))
        {
            var binding = string.Join('.', pattern);
            var words = string.Concat(
                pattern.Select(w => w switch { "*" => @"\.[^.]*", "#" => @"(\.[^.]*)*", _ => @"\." + w }));
            var expected = new Regex($"^{words}$");
            foreach (var key in keys)
                Assert.True(
                    expected.IsMatch(key.Length == 0 ? "" : "." + key)
                        == TopicPattern.Takes(ExchangeKind.Topic, binding, key),
                    $"'{binding}' and '{key}'");
        }
    }

    [Fact]
    public void A_fanout_takes_everything_and_a_direct_exchange_what_is_equal()
    {
        Assert.True(TopicPattern.Takes(ExchangeKind.Fanout, "a", "b"));
        Assert.True(TopicPattern.Takes(ExchangeKind.Direct, "a.#", "a.#"));
        Assert.False(TopicPattern.Takes(ExchangeKind.Direct, "a.#", "a.b"));
    }

    static IEnumerable<string[]> Sequences(string[] words, int longest) =>
        longest == 0
            ? [[]]
            : Sequences(words, longest - 1).SelectMany(
                s => s.Length < longest - 1 ? [s] : words.Select(w => (string[])[.. s, w]).Prepend(s));
}
