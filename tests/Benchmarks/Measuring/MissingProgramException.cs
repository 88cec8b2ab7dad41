using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Measuring;

/// <summary>A benchmark can't run here; the message says what to install.</summary>
sealed class MissingProgramException(string message) : Exception(message)
{
    /// <param name="reason">Null: nothing is missing.</param>
    public static void ThrowIf(string? reason)
    {
        if (reason is not null)
            throw new MissingProgramException(reason);
    }

    /// <summary>Where a program is.</summary>
    /// <param name="package">Debian's.</param>
    public static string Find(string program, string package) =>
        Installed.Find(program)
        ?? throw new MissingProgramException($"needs the program {program}: apt-get install {package}");
}
