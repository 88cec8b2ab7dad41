using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPhone.Adb.Shell;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Adb.Tests;

/// <summary>Peers that are no adbd, or are a broken one: one clear exception, and nobody waits for ever.</summary>
public sealed class BrokenPeerTests
{
    const uint Connect = (uint)AdbCommand.Connect;

    public static TheoryData<string, byte[]> NoPackets => new()
    {
        { "wrong magic", FakeAdbd.Header(Connect, 0, 1) },
        { "unknown command", FakeAdbd.Header(0x31323334, 0, ~0x31323334u) },
        { "too long", FakeAdbd.Header(Connect, uint.MaxValue, ~Connect) },
        { "too long", FakeAdbd.Header(Connect, AdbHeader.MaxPayload + 1, ~Connect) },
        { "no introduction", FakeAdbd.Packet(AdbCommand.Okay, 1, 1, []) },
        { "no introduction", FakeAdbd.Packet(AdbCommand.Connect, 0x01000001, 16, "device::"u8.ToArray()) },
        { "wrong magic", "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(NoPackets))]
    public async Task What_is_no_ADB_is_not_gone_on_with(string words, byte[] said)
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.RawAsync(said);
            await peer.StayAsync();
        });
        var e = await Assert.ThrowsAsync<AdbException>(() => adbd.ConnectAsync());
        Assert.Equal(AdbFault.Protocol, e.Fault);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(AdbCommand.Auth))]
    [InlineData(nameof(AdbCommand.Tls))]
    public async Task An_image_that_wants_keys_or_TLS_is_told_from_others(string asked)
    {
        using var adbd = new FakeAdbd(peer => peer.SendAsync(
            Enum.Parse<AdbCommand>(asked), 1, 0, new string('x', 20)));
        var e = await Assert.ThrowsAsync<AdbException>(() => adbd.ConnectAsync());
        Assert.Equal(AdbFault.Locked, e.Fault);
        Assert.Contains("ro.adb.secure=0", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(AdbHeader.Size)]
    [InlineData(AdbHeader.Size + 3)]
    public async Task One_that_hangs_up_within_its_introduction_is_broken(int after)
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.ReadAsync();
            await peer.RawAsync(FakeAdbd.Packet(AdbCommand.Connect, 0x01000001, 4096, "device::"u8.ToArray())[..after]);
        });
        Assert.Equal(AdbFault.Broken, (await Assert.ThrowsAsync<AdbException>(() => adbd.ConnectAsync())).Fault);
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_unreachable_at_once()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var e = await Assert.ThrowsAsync<AdbException>(() =>
            AdbConnection.ConnectAsync("127.0.0.1", port, TimeProvider.System, default));
        Assert.Equal(AdbFault.Unreachable, e.Fault);
    }

    [Fact]
    public async Task One_that_never_answers_is_given_up_in_time()
    {
        var clock = new FakeTimeProvider();
        var heard = new TaskCompletionSource();
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.ReadAsync();
            heard.SetResult();
            await peer.StayAsync();
        });
        var connecting = adbd.ConnectAsync(clock);
        await heard.Task;
        clock.Advance(AdbConnection.ConnectLimit);
        Assert.Equal(AdbFault.TimedOut, (await Assert.ThrowsAsync<AdbException>(() => connecting)).Fault);
    }

    [Fact]
    public async Task One_that_takes_no_stream_in_time_loses_its_connection_with_all_streams()
    {
        var clock = new FakeTimeProvider();
        var heard = new TaskCompletionSource();
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await peer.AcceptAsync();
            await peer.ReadAsync();
            heard.SetResult();
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync(clock);
        await using var first = await connection.OpenAsync("shell:", default);
        var reading = first!.ReadAsync(new byte[1]).AsTask();
        var second = connection.OpenAsync("shell:", default);
        await heard.Task;
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(AdbFault.TimedOut, (await Assert.ThrowsAsync<AdbException>(() => second)).Fault);
        await Assert.ThrowsAsync<AdbException>(() => reading);
        Assert.False(connection.IsUp);
        Assert.Null(await connection.OpenAsync("shell:", default));
    }

    [Fact]
    public async Task A_stream_on_which_nothing_happens_ends_in_time_and_the_others_go_on()
    {
        var clock = new FakeTimeProvider();
        var go = new TaskCompletionSource();
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await peer.AcceptAsync();
            var second = await peer.AcceptAsync();
            await go.Task;
            await peer.SendAsync(AdbCommand.Write, second, second, "x");
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync(clock);
        var silent = await connection.OpenAsync("shell:", default);
        await using var other = await connection.OpenAsync("shell:", default);
        other!.IdleLimit = TimeSpan.FromHours(1);
        var waiting = silent!.ReadAsync(new byte[1]).AsTask();
        clock.Advance(silent.IdleLimit);
        Assert.Equal(AdbFault.TimedOut, (await Assert.ThrowsAsync<AdbException>(() => waiting)).Fault);
        await silent.DisposeAsync();
        go.SetResult();
        Assert.Equal(1, await other.ReadAsync(new byte[1]));
        Assert.True(connection.IsUp);
    }

    [Fact]
    public async Task A_connection_that_breaks_fails_all_its_streams()
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await peer.AcceptAsync();
            var second = await peer.AcceptAsync();
            await peer.RawAsync(FakeAdbd.Packet(AdbCommand.Write, second, second, new byte[100])[..60]);
        });
        using var connection = await adbd.ConnectAsync();
        await using var first = await connection.OpenAsync("shell:", default);
        await using var second = await connection.OpenAsync("shell:", default);
        foreach (var stream in new[] { first!, second! })
        {
            var e = await Assert.ThrowsAsync<AdbException>(async () => await stream.ReadExactlyAsync(new byte[1]));
            Assert.Equal(AdbFault.Broken, e.Fault);
            await Assert.ThrowsAsync<AdbException>(async () => await stream.WriteAsync(new byte[1]));
        }
        await connection.Ended;
    }

    [Theory]
    [InlineData(nameof(AdbCommand.Okay), 99, 1)]
    [InlineData(nameof(AdbCommand.Okay), 0, 1)]
    [InlineData(nameof(AdbCommand.Connect), 0x01000001, 4096)]
    [InlineData(nameof(AdbCommand.Open), 1, 0)]
    [InlineData(nameof(AdbCommand.Auth), 1, 0)]
    public async Task What_can_not_come_within_a_connection_ends_it(string command, uint arg0, uint arg1)
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await peer.AcceptAsync();
            await peer.SendAsync(Enum.Parse<AdbCommand>(command), arg0, arg1);
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync();
        await using var stream = await connection.OpenAsync("shell:", default);
        var e = await Assert.ThrowsAsync<AdbException>(async () => await stream!.ReadExactlyAsync(new byte[1]));
        Assert.Equal(AdbFault.Protocol, e.Fault);
    }

    [Fact]
    public async Task Data_before_the_acknowledgement_break_the_protocol_and_what_is_for_nobody_does_not()
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            var id = await peer.AcceptAsync();
            await peer.SendAsync(AdbCommand.Write, 77, 77, "nobody's");
            await peer.SendAsync(AdbCommand.Close, 77, 77);
            await peer.SendAsync(AdbCommand.Okay, 77, 77);
            await peer.SendAsync(AdbCommand.Write, id, id, "a");
            await peer.SendAsync(AdbCommand.Write, id, id, "b");
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync();
        await using var stream = await connection.OpenAsync("shell:", default);
        await connection.Ended;
        Assert.Equal(1, await stream!.ReadAsync(new byte[9]));
        var e = await Assert.ThrowsAsync<AdbException>(async () => await stream.ReadExactlyAsync(new byte[1]));
        Assert.Contains("before the last were acknowledged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_stops_stops_the_phone_and_no_other_stream()
    {
        var acknowledged = 0;
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            var lazy = await peer.AcceptAsync();
            await peer.SendAsync(AdbCommand.Write, lazy, lazy, new string('x', 1000));
            await peer.AcceptAsync(); // nothing was acknowledged: the next packet is the other's
            await peer.SendAsync(AdbCommand.Write, lazy + 1, lazy + 1, "y");
            while (true)
                if (await peer.ReadAsync() is { Command: AdbCommand.Okay } okay && okay.Arg0 == lazy)
                    acknowledged++;
        });
        using var connection = await adbd.ConnectAsync();
        await using var lazy = await connection.OpenAsync("shell:", default);
        await using var other = await connection.OpenAsync("shell:", default);
        Assert.Equal(1, await other!.ReadAsync(new byte[9]));
        Assert.Equal(0, acknowledged);
        Assert.Equal(600, await lazy!.ReadAsync(new byte[600]));
        Assert.Equal(400, await lazy.ReadAsync(new byte[600]));
        await CloudPhone.Testing.Wait.UntilAsync("the acknowledgement", () => acknowledged == 1);
    }

    [Fact]
    public async Task A_writer_waits_for_each_acknowledgement()
    {
        var go = new TaskCompletionSource();
        var first = new TaskCompletionSource<string>();
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            var id = await peer.AcceptAsync();
            first.SetResult((await peer.ReadAsync()).Payload);
            await go.Task;
            await peer.SendAsync(AdbCommand.Okay, id, id);
            await peer.ReadAsync();
            await peer.SendAsync(AdbCommand.Write, id, id, "why");
            await peer.SendAsync(AdbCommand.Close, id, id);
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync();
        await using var stream = await connection.OpenAsync("exec:", default);
        await stream!.WriteAsync(Encoding.ASCII.GetBytes("one"));
        Assert.Equal("one", await first.Task);
        var second = stream.WriteAsync(Encoding.ASCII.GetBytes("two")).AsTask();
        Assert.False(second.IsCompleted);
        go.SetResult();
        await second;
        var e = await Assert.ThrowsAsync<AdbException>(async () => await stream.WriteAsync(new byte[1]));
        Assert.Equal(AdbFault.Closed, e.Fault);
        Assert.Equal(3, await stream.ReadAsync(new byte[9])); // what it had to say can still be read
        Assert.Equal(0, await stream.ReadAsync(new byte[9]));
    }

    [Fact]
    public async Task A_service_that_there_is_not_is_refused_and_who_gives_up_leaves_nothing_open()
    {
        var opened = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var closed = new TaskCompletionSource<uint>();
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            var (_, refused, _, _) = await peer.ReadAsync();
            await peer.SendAsync(AdbCommand.Close, 0, refused);
            var (_, late, _, _) = await peer.ReadAsync();
            opened.SetResult();
            await go.Task;
            await peer.SendAsync(AdbCommand.Okay, 5, late);
            var (command, arg0, arg1, _) = await peer.ReadAsync();
            closed.SetResult(command == AdbCommand.Close && arg0 == late ? arg1 : 0);
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync();
        var e = await Assert.ThrowsAsync<AdbException>(() => connection.OpenAsync("nothing:", default));
        Assert.Equal(AdbFault.Refused, e.Fault);
        using var impatient = new CancellationTokenSource();
        var opening = connection.OpenAsync("shell:", impatient.Token);
        await opened.Task;
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        go.SetResult();
        Assert.Equal(5u, await closed.Task);
        Assert.True(connection.IsUp);
    }

    [Theory]
    [InlineData("\u0001\u0002\0\0\0hi\u0003\u0001\0\0\0\u0007", 7, "hi")]
    [InlineData("\u0001\u0002\0\0\0hi", null, null)]
    [InlineData("\u0009\0\0\0\0", null, null)]
    [InlineData("\u0001\u00ff\u00ff\u00ff\u00ff", null, null)]
    [InlineData("\u0003\u0002\0\0\0\0\0", null, null)]
    public async Task The_answer_of_a_shell_is_read_to_its_exit_code_or_not_believed(
        string said, int? code, string? output)
    {
        using var stream = new MemoryStream(Encoding.Latin1.GetBytes(said));
        if (code is null)
        {
            await Assert.ThrowsAsync<AdbException>(() => AdbShell.ReadAsync(stream, 100, default));
            return;
        }
        var result = await AdbShell.ReadAsync(stream, 100, default);
        Assert.Equal((code, output), (result.ExitCode, result.Text));
    }
}
