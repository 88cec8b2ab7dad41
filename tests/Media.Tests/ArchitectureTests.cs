using CloudPhone.Testing;

namespace CloudPhone.Media.Tests;

public class ArchitectureTests
{
    /// <summary>The sender could be a library: it knows neither the service around it nor its web server.</summary>
    [Fact]
    public void The_sender_of_screens_depends_on_nothing_of_the_service()
    {
        var folder = Path.Combine(Repository.Root, "services/Media/WebRtc");
        var lines =
            from file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.Contains("using ", StringComparison.Ordinal)
                || line.Contains("CloudPhone.", StringComparison.Ordinal)
            select (File: Path.GetFileName(file), Line: line.Trim());
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, l => l.Line.Contains("Microsoft.", StringComparison.Ordinal)
            || l.Line.Replace("CloudPhone.Media.WebRtc", "", StringComparison.Ordinal)
                .Contains("CloudPhone.", StringComparison.Ordinal));
    }
}
