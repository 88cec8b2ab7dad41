using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>Commands that change files.</summary>
static class FileChanges
{
    public static Task<int> MakeAsync(ShellContext shell, string[] args)
    {
        var options = Options.Of(args);
        return FileReads.EachAsync("mkdir", shell, options.Rest, path =>
        {
            shell.Disk.MakeFolder(path, options['p']);
            return Task.CompletedTask;
        });
    }

    public static Task<int> RemoveAsync(ShellContext shell, string[] args)
    {
        var options = Options.Of(args);
        var isRecursive = options['r'] || options['R'];
        return FileReads.EachAsync("rm", shell, options.Rest, path =>
        {
            var entry = shell.Disk.Find(path);
            if (entry is null && options['f'])
                return Task.CompletedTask;
            if (entry is { IsFolder: true } && !isRecursive)
                throw DiskException.IsDirectory;
            shell.Disk.Delete(path, isRecursive);
            return Task.CompletedTask;
        });
    }

    public static Task<int> RemoveFolderAsync(ShellContext shell, string[] args) =>
        FileReads.EachAsync("rmdir", shell, args, path =>
        {
            if (!shell.Disk.Get(path).IsFolder)
                throw DiskException.NotDirectory;
            shell.Disk.Delete(path, recursive: false);
            return Task.CompletedTask;
        });

    public static Task<int> TouchAsync(ShellContext shell, string[] args) =>
        FileReads.EachAsync("touch", shell, args, async path =>
        {
            if (shell.Disk.Find(path) is not null)
                return;
            await using var file = shell.Disk.Create(path);
            await file.KeepAsync();
        });

    public static Task<int> MoveAsync(ShellContext shell, string[] args) =>
        PairAsync("mv", shell, Options.Of(args).Rest, (from, to) =>
        {
            shell.Disk.Move(from, to);
            return Task.CompletedTask;
        });

    public static Task<int> CopyAsync(ShellContext shell, string[] args) =>
        PairAsync("cp", shell, Options.Of(args).Rest, async (from, to) =>
        {
            await using var source = shell.Disk.Read(from);
            await using var target = shell.Disk.Create(to);
            var chunk = new byte[32 << 10];
            for (int n; (n = await source.ReadAsync(chunk, shell.Closed)) > 0;)
                await target.WriteAsync(chunk.AsMemory(0, n), shell.Closed);
            await target.KeepAsync();
        });

    static async Task<int> PairAsync(
        string command, ShellContext shell, string[] paths, Func<string, string, Task> work)
    {
        if (paths is not [var first, var second])
            return await shell.FailAsync($"{command}: Needs 2 arguments");
        return await FileReads.EachAsync(command, shell, [first], from =>
        {
            var to = shell.Resolve(second);
            var isInto = shell.Disk.Find(to) is { IsFolder: true };
            return work(from, isInto ? DevicePath.Resolve(DevicePath.Name(from), to) : to);
        });
    }
}
