namespace CloudPhone.Testing;

/// <summary>The working copy that the tests were built in.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>What a project was built to, in the configuration that this program was built in.</summary>
    /// <param name="project">Its folder, like <c>services/Users</c>.</param>
    /// <param name="assembly">The name of its program.</param>
    public static string Built(string project, string assembly) =>
        Path.Combine(Root, project, "bin", Configuration, "net10.0", assembly + ".dll");

    static string Configuration =>
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "CloudPhone.sln")) ? folder
        : Find(Path.GetDirectoryName(folder.TrimEnd('/'))
            ?? throw new InvalidOperationException("These tests run within the repository."));
}
