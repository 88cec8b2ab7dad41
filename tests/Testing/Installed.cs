namespace CloudPhone.Testing;

/// <summary>Programs of the machine that tests start.</summary>
public static class Installed
{
    /// <summary>Where it is; null where it is not. Debian has servers in a folder that is not on every user's
    /// PATH.</summary>
    public static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(Path.PathSeparator)
            .Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

    /// <summary>Why tests that need it are skipped; null where it is there.</summary>
    /// <param name="package">Debian's.</param>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing(string program, string package) => Require(
        Find(program) is null ? $"needs the program {program}: apt-get install {package}" : null);

    /// <inheritdoc cref="Missing"/>
    /// <param name="reason">Null where nothing is missing.</param>
    public static string? Require(string? reason) =>
        reason is not null && Environment.GetEnvironmentVariable("CLOUDPHONE_REQUIRE_INFRA") == "1"
            ? throw new InvalidOperationException(reason) : reason;
}
