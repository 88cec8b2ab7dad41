using System.Globalization;
using System.Security.Cryptography;
using CloudPhone.Apk;
using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>pm, and "cmd package", which is the same.</summary>
static class PackageCommands
{
    const long MaxApk = 512L << 20;

    public static Task<int> CommandAsync(ShellContext shell, string[] args) => args switch
    {
        ["package", .. var rest] => ManageAsync(shell, rest),
        ["activity", .. var rest] => ActivityCommands.ManageAsync(shell, rest),
        _ => shell.FailAsync($"cmd: Can't find service: {args.FirstOrDefault()}", 20),
    };

    public static async Task<int> ManageAsync(ShellContext shell, string[] args)
    {
        if (!shell.Phone.IsBooted)
            return await shell.FailAsync("cmd: Can't find service: package", 20);
        return args switch
        {
            ["install", .. var rest] => await InstallAsync(shell, rest),
            ["uninstall", .. var rest] when rest.Length > 0 => shell.Phone.Uninstall(rest[^1])
                ? await shell.SayAsync("Success")
                : await FailureAsync(shell, "DELETE_FAILED_INTERNAL_ERROR"),
            ["list", "packages" or "package", .. var rest] => await ListAsync(shell, rest),
            ["clear", .. var rest] => await PermissionCommands.ClearAsync(shell, rest),
            ["grant", .. var rest] => await PermissionCommands.ChangeAsync(shell, rest, isGranted: true),
            ["revoke", .. var rest] => await PermissionCommands.ChangeAsync(shell, rest, isGranted: false),
            ["path", "android"] => await shell.SayAsync("package:/system/framework/framework-res.apk"),
            ["path", var name] => shell.Phone.Find(name) is not null
                ? await shell.SayAsync($"package:/data/app/{name}/base.apk") : 1,
            _ => await shell.FailAsync($"Unknown command: {args.FirstOrDefault()}", 255),
        };
    }

    static Task<int> ListAsync(ShellContext shell, string[] args)
    {
        var options = Options.Of([.. args.Where(a => a != "--show-versioncode")]);
        var filter = options.Rest.FirstOrDefault() ?? "";
        var packages = options['s'] ? [] : shell.Phone.Packages.Where(
            p => p.PackageName.Contains(filter, StringComparison.Ordinal));
        return shell.SayAsync(packages.Select(p => "package:"
            + (options['f'] ? $"/data/app/{p.PackageName}/base.apk=" : "") + p.PackageName
            + (args.Contains("--show-versioncode") ? $" versionCode:{p.VersionCode}" : "")));
    }

    static async Task<int> InstallAsync(ShellContext shell, string[] args)
    {
        var canDowngrade = args.Contains("-d");
        var s = Array.IndexOf(args, "-S");
        if (s < 0)
            return args.LastOrDefault(a => !a.StartsWith('-')) is { } file
                ? await InstallFileAsync(shell, file, canDowngrade)
                : await shell.FailAsync("Error: must either specify a package size or an APK file");
        if (s + 1 == args.Length
            || !long.TryParse(args[s + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || size is 0 or > MaxApk)
            return await FailureAsync(shell, "INSTALL_FAILED_INVALID_APK: its size");
        try
        {
            await using var file = shell.Disk.Create($"/data/local/tmp/.install-{Guid.NewGuid():N}");
            var chunk = new byte[32 << 10];
            for (var left = size; left > 0;)
            {
                var n = await shell.In.ReadAsync(chunk.AsMemory(0, (int)Math.Min(left, chunk.Length)), shell.Closed);
                if (n == 0)
                    return await FailureAsync(shell, "INSTALL_FAILED_INVALID_APK: it ended early");
                await file.WriteAsync(chunk.AsMemory(0, n), shell.Closed);
                left -= n;
            }
            return await InstallAsync(shell, await file.CompleteAsync(), canDowngrade);
        }
        catch (DiskException)
        {
            return await FailureAsync(shell, "INSTALL_FAILED_INSUFFICIENT_STORAGE");
        }
    }

    static async Task<int> InstallFileAsync(ShellContext shell, string file, bool canDowngrade)
    {
        try
        {
            await using var apk = shell.Disk.Read(shell.Resolve(file));
            return await InstallAsync(shell, apk.Name, canDowngrade);
        }
        catch (DiskException e)
        {
            return await shell.FailAsync($"Error: failed to open {file}: {e.Message}");
        }
    }

    static async Task<int> InstallAsync(ShellContext shell, string hostFile, bool canDowngrade)
    {
        ApkContents contents;
        try
        {
            contents = ApkFile.Inspect(hostFile);
        }
        catch (ApkException e)
        {
            return await FailureAsync(shell, $"INSTALL_PARSE_FAILED_NOT_APK: {e.Message}");
        }
        var manifest = contents.Manifest;
        if (shell.Phone.Find(manifest.PackageName)?.VersionCode > manifest.VersionCode && !canDowngrade)
            return await FailureAsync(shell, "INSTALL_FAILED_VERSION_DOWNGRADE");
        await using var apk = File.OpenRead(hostFile);
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(apk, shell.Closed));
        shell.Phone.Install(new(manifest.PackageName, manifest.VersionName, manifest.VersionCode, hash, apk.Length,
            shell.Phone.Clock.GetUtcNow(), contents.Facts.Permissions));
        return await shell.SayAsync("Success");
    }

    static async Task<int> FailureAsync(ShellContext shell, string why)
    {
        await shell.SayAsync($"Failure [{why}]");
        return 1;
    }
}
