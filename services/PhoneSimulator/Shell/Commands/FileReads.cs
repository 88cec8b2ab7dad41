using System.Globalization;
using System.Security.Cryptography;
using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>Commands that look at files.</summary>
static class FileReads
{
    public static async Task<int> CatAsync(ShellContext shell, string[] args)
    {
        if (args.Length == 0)
        {
            await shell.In.CopyToAsync(shell.Out, shell.Closed);
            return 0;
        }
        return await EachAsync("cat", shell, args, async path =>
        {
            await using var file = shell.Disk.Read(path);
            await file.CopyToAsync(shell.Out, 32 << 10, shell.Closed);
        });
    }

    public static async Task<int> HashAsync(ShellContext shell, string[] args) =>
        await EachAsync("sha256sum", shell, args, async path =>
        {
            await using var file = shell.Disk.Read(path);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, shell.Closed));
            await shell.SayAsync($"{hash}  {path}");
        });

    public static async Task<int> ChangeAsync(ShellContext shell, string[] args)
    {
        var path = args is [var to, ..] ? to : "/";
        try
        {
            path = shell.Resolve(path);
            if (!shell.Disk.Get(path).IsFolder)
                throw DiskException.NotDirectory;
            shell.State.Directory = path;
            return 0;
        }
        catch (DiskException e)
        {
            return await shell.FailAsync($"sh: cd: {path}: {e.Message}", 2);
        }
    }

    public static Task<int> ListAsync(ShellContext shell, string[] args)
    {
        var options = Options.Of(args);
        var paths = options.Rest is [] ? [shell.State.Directory] : options.Rest;
        return EachAsync("ls", shell, paths, async path =>
        {
            var entry = shell.Disk.Get(path);
            var isList = entry.IsFolder && !options['d'];
            var entries = isList ? shell.Disk.List(path) : [entry with { Name = path }];
            var shown = entries.Where(e => options['a'] || !e.Name.StartsWith('.'));
            if (isList && paths.Length > 1)
                await shell.SayAsync($"{path}:");
            await shell.SayAsync(shown.Select(e => options['l'] ? Long(e) : e.Name));
        });
    }

    /// <summary>readlink -f: there are no links, so it is the path itself, if it can be one.</summary>
    public static Task<int> LinkAsync(ShellContext shell, string[] args) =>
        EachAsync("readlink", shell, Options.Of(args).Rest, path =>
            shell.Disk.Get(DevicePath.Parent(path)).IsFolder ? shell.SayAsync(path)
                : throw DiskException.NotDirectory);

    public static Task<int> FreeAsync(ShellContext shell, string[] args)
    {
        var (size, used) = (shell.Disk.Space.Limit, shell.Disk.Space.Used);
        var share = $"{((used * 100) + size - 1) / Math.Max(size, 1)}%"; // rounded up
        return Options.Of(args)['h']
            ? shell.SayAsync([
                "Filesystem      Size  Used Avail Use% Mounted on",
                $"/dev/block/sim  {Human.Of(size),4} {Human.Of(used),5} {Human.Of(size - used),5} {share,4} /data"])
            : shell.SayAsync([
                "Filesystem     1K-blocks       Used  Available Use% Mounted on",
                $"/dev/block/sim {size / 1024,9} {used / 1024,10} {(size - used) / 1024,10} {share,4} /data"]);
    }

    static string Long(DiskEntry e) => string.Create(CultureInfo.InvariantCulture,
        $"{(e.IsFolder ? "drwxrwx--x" : "-rw-rw----")} 1 shell shell {e.Size,9} "
            + $"{e.ModifiedAt:yyyy-MM-dd HH:mm} {e.Name}");

    /// <summary>One after the other; what fails is said and the others are done all the same.</summary>
    public static async Task<int> EachAsync(
        string command, ShellContext shell, IEnumerable<string> paths, Func<string, Task> work)
    {
        var code = 0;
        foreach (var path in paths)
        {
            try
            {
                await work(shell.Resolve(path));
            }
            catch (DiskException e)
            {
                code = await shell.FailAsync($"{command}: {path}: {e.Message}");
            }
        }
        return code;
    }
}
