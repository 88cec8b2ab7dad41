using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>What a test leaves for people to look at; git does not know the folder.</summary>
static class Artefacts
{
    public static string At(string file)
    {
        var folder = Path.Combine(Repository.Root, "tests", "artefacts");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, file);
    }
}
