namespace CloudPhone.Testing;

/// <summary>The working copy that the tests were built in.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "CloudPhone.sln")) ? folder
        : Find(Path.GetDirectoryName(folder.TrimEnd('/'))
            ?? throw new InvalidOperationException("These tests run within the repository."));
}
