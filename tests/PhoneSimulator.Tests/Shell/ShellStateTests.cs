using CloudPhone.PhoneSimulator.Shell;

namespace CloudPhone.PhoneSimulator.Tests.Shell;

public sealed class ShellStateTests
{
    const int Limit = 64 << 10;

    static int Chars(ShellState state) => state.Variables.Sum(v => v.Key.Length + v.Value.Length);

    [Fact]
    public void Names_of_variables_take_their_room_as_values_do()
    {
        var state = new ShellState();
        for (var i = 0; i < 200; i++)
            state.Assign([$"N{i:000}{new string('x', 10_000)}=1"]);
        Assert.InRange(Chars(state), Limit - 11_000, Limit);
    }

    [Fact]
    public void A_variable_that_is_set_again_gives_back_what_it_took_before()
    {
        var state = new ShellState();
        for (var i = 0; i < 3; i++)
            state.Assign([$"A={new string((char)('a' + i), 60_000)}"]);
        Assert.Equal('c', state.Variables["A"][0]);
        for (var i = 0; i < 1000; i++)
            state.Assign([$"V{i}=1"]);
        Assert.Equal(256, state.Variables.Count);
        state.Assign(["V0=2"]);
        Assert.Equal("2", state.Variables["V0"]);
    }
}
