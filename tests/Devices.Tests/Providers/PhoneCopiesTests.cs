using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Providers.Simulated;
using CloudPhone.Devices.Tests.Snapshots;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Providers;

public sealed class PhoneCopiesTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("cloudphone-copies-").FullName;
    readonly PhoneCopies _copies;
    readonly PhoneSpec _next = new(Guid.CreateVersion7(), 1, 1, null, 1);
    readonly Guid _snapshot = Guid.CreateVersion7();

    public PhoneCopiesTests()
    {
        _copies = new(new(_root));
        Directory.CreateDirectory(In("disk"));
        File.WriteAllText(In("disk", "kept"), "before");
        _copies.Save(_next.DeviceId, _snapshot, default);
        File.WriteAllText(In("disk", "kept"), "after");
    }

    [Fact]
    public void What_was_copied_for_a_restore_that_is_given_up_never_takes_effect()
    {
        Directory.Move(Saved, In("restored")); // copied, and died
        Assert.True(_copies.Undo(_next));
        _copies.Finish(_next.DeviceId);
        Assert.Equal("after", File.ReadAllText(In("disk", "kept")));
        Assert.Empty(Directory.GetDirectories(In(), "restored*"));
    }

    [Fact]
    public void What_is_on_its_way_into_place_can_only_be_ended()
    {
        Directory.Move(Saved, In("restored"));
        File.WriteAllText(In("restored", "generation"), "1");
        Directory.Move(In("disk"), In("replaced")); // died in the middle
        Assert.False(_copies.Undo(_next));
        _copies.Load(_next, _snapshot, default); // whose data are not needed any more
        Assert.Equal("before", File.ReadAllText(In("disk", "kept")));
        Assert.False(_copies.Undo(_next));
        Assert.False(Directory.Exists(In("replaced")));
    }

    [Fact]
    public async Task Who_has_lost_his_turn_gives_no_copy_its_name()
    {
        await using var pipe = await HeldPipeAsync();
        File.Delete(In("disk", "kept")); // nothing comes after it
        var id = Guid.CreateVersion7();
        using var turn = new CancellationTokenSource();
        var copying = Task.Run(() => _copies.Save(_next.DeviceId, id, turn.Token));
        await StandsStillAsync(id);
        await turn.CancelAsync();
        await pipe.DisposeAsync(); // it goes on
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
        Assert.EndsWith(".new", Assert.Single(FoldersOf(id)));
        Assert.Contains(id, _copies.List());
        _copies.Drop(id);
        Assert.Empty(FoldersOf(id));
    }

    [Fact]
    public async Task A_second_try_takes_the_firsts_folder_away()
    {
        await using var pipe = await HeldPipeAsync();
        var id = Guid.CreateVersion7();
        var first = Task.Run(() => _copies.Save(_next.DeviceId, id, default));
        await StandsStillAsync(id);
        File.Move(In("disk", "pipe"), Path.Combine(_root, "pipe"));
        _copies.Save(_next.DeviceId, id, default);
        await pipe.DisposeAsync(); // the first goes on
        await Assert.ThrowsAnyAsync<IOException>(() => first);
        Assert.Equal("after", File.ReadAllText(Path.Combine(Assert.Single(FoldersOf(id)), "disk", "kept")));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Copies stand still at it until it is closed. Open for both, as whoever only writes would wait for a
    /// copy that comes to it, and a cancelled one may never.</summary>
    async Task<FileStream> HeldPipeAsync() => new(await SnapshotCalls.MakePipeAsync(In("disk", "pipe")),
        FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    Task StandsStillAsync(Guid id) => Wait.UntilAsync("it to stand still",
        () => FoldersOf(id) is [var folder] && File.Exists(Path.Combine(folder, "disk", "pipe")));

    string Saved => Path.Combine(_root, "snapshots", $"{_snapshot}");

    string[] FoldersOf(Guid snapshot) => Directory.GetDirectories(Path.Combine(_root, "snapshots"), $"{snapshot}*");

    string In(params string[] parts) => Path.Combine([_root, $"{_next.DeviceId}", .. parts]);
}
