using System.Text.Json;
using CloudPhone.Sidecar.Expressions;

namespace CloudPhone.Sidecar.Tests.Expressions;

public class CelTests
{
    static readonly JsonElement Event = JsonDocument.Parse("""
        {"type":"device.created","data":{"cores":4,"price":1.5,"name":"Pixel",
        "tags":["a","b"],"on":true,"none":null,"a-b":1}}
        """).RootElement;

    [Theory]
    [InlineData("event.type == \"device.created\"")]
    [InlineData("event.type == 'device.created'")]
    [InlineData("event['type'] != 'device.deleted'")]
    [InlineData("event.data['a-b'] == 1")]
    [InlineData("event.data.cores >= 4 && event.data.cores < 5")]
    [InlineData("event.data.price == 1.5 || false")]
    [InlineData("event.data.price * 2.0 == 3")]
    [InlineData("!(event.data.cores > 4)")]
    [InlineData("event.data.on")]
    [InlineData("event.data.none == null")]
    [InlineData("has(event.data.name) && !has(event.data.size)")]
    [InlineData("!has(event.data['name'].x) || true")]
    [InlineData(
        "event.data.name.startsWith('Pi') && event.data.name.endsWith(\"el\") && event.data.name.contains('ixe')")]
    [InlineData("event.type.matches('^device\\\\.(created|deleted)$')")]
    [InlineData("event.type.matches(r'^device\\.')")]
    [InlineData("matches(event.type, 'created')")]
    [InlineData("size(event.data.tags) == 2 && event.data.name.size() == 5 && size('手机') == 2")]
    [InlineData("event.data.tags[0] == 'a' && event.data.tags[1] == \"b\"")]
    [InlineData("'b' in event.data.tags && !('c' in event.data.tags)")]
    [InlineData("event.type in ['device.created', 'device.deleted']")]
    [InlineData("'cores' in event.data")]
    [InlineData("event.data.cores > 2 ? event.data.on : false")]
    [InlineData("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3 && 7 % 4 == 3 && -7 / 2 == -3 && 10 - 2 - 3 == 5")]
    [InlineData("7.0 / 2.0 == 3.5 && -1.5 < 0 && 1e3 == 1000 && 2 == 2.0 && -(2 + 1) == -3")]
    [InlineData("-9223372036854775808 < 0")]
    [InlineData("'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && 'a' < 'b'")]
    [InlineData("'tab\\tquote\\'\\x41\\u4f60' == \"tab\\tquote'A你\"")]
    [InlineData("int('5') == 5 && double('0.5') == 0.5 && string(5) == '5' && int(event.data.cores) / 3 == 1")]
    [InlineData("event.missing == 1 || true")]
    [InlineData("true || event.missing == 1")]
    [InlineData("!(event.missing == 1 && false)")]
    [InlineData("event.type != 5")]
    public void Is_true(string text) => Assert.True(Cel.Parse(text, "event").Matches(Event));

    [Theory]
    [InlineData("event.missing == 1", "no such key: missing")]
    [InlineData("event.data.missing.deeper", "no such key: missing")]
    [InlineData("event.type.deeper == 1", "'deeper' is asked of a string, which has no fields")]
    [InlineData("event.type", "the expression is not boolean")]
    [InlineData("1", "the expression is not boolean")]
    [InlineData("event.data.cores + 1 == 5", "+ does not go with a double and a int")]
    [InlineData("'a' < 1", "< does not go with a string and a int")]
    [InlineData("!event.type", "! needs a bool and not a string")]
    [InlineData("event.type && true", "&& needs a bool and not a string")]
    [InlineData("event.data.tags[2] == 'c'", "index out of bounds: 2")]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("9223372036854775807 + 1 > 0", "integer overflow")]
    [InlineData("1 in 2", "in does not go with a int and a int")]
    public void Fails_at_evaluation(string text, string message) =>
        Assert.Equal(message, Assert.Throws<CelException>(() => Cel.Parse(text).Matches(Event)).Message);

    [Theory]
    [InlineData("", "position 1: unexpected the end")]
    [InlineData("event.type ==", "position 14: unexpected the end")]
    [InlineData("event.type = 'a'", "position 12: unexpected character '='")]
    [InlineData("(1 == 1", "position 8: expected ')' and not the end")]
    [InlineData("1 == 1)", "position 7: unexpected ')'")]
    [InlineData("event.type == 'a", "position 15: a text without its closing quote")]
    [InlineData("events.type == 'a'", "position 1: unknown name 'events'; known: event")]
    [InlineData("event.type.begins('a')", "position 12: unknown function 'begins' of 2 arguments; known: has, size, "
        + "startsWith, endsWith, contains, matches, int, double, string")]
    [InlineData("has(event)", "position 1: has() takes one field, like has(event.data)")]
    [InlineData("99999999999999999999 == 1", "position 1: the number 99999999999999999999 is too large")]
    [InlineData("'\\q' == 'q'", "position 2: unknown escape '\\q'")]
    [InlineData("12abc", "position 3: unexpected 'a' after a number")]
    public void Is_no_expression(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Cel.Parse(text, "event")).Message);

    [Fact]
    public void A_wrong_pattern_is_found_when_the_rule_is_read() =>
        Assert.StartsWith("position 12: '(' is no regular expression",
            Assert.Throws<FormatException>(() => Cel.Parse("event.type.matches('(')")).Message);

    [Fact]
    public void Deep_nesting_is_refused_before_it_can_overflow_the_stack() =>
        Assert.Contains("nested too deeply",
            Assert.Throws<FormatException>(() => Cel.Parse(new string('(', 50_000) + "1")).Message);

    [Fact]
    public void Integers_are_longs_and_give_longs() =>
        Assert.Equal(8L, Cel.Parse("a * 2").Evaluate(new Dictionary<string, object?> { ["a"] = 4L }));
}
