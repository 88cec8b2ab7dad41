namespace CloudPhone.Sidecar.Tests.Runner;

static class Repository
{
    /// <summary>The folder of the solution, above the tests' own output.</summary>
    public static string Root { get; } = Find();

    static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CloudPhone.sln")))
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        return folder;
    }
}
