
namespace CloudPhone.Sidecar.Tests.Runner;

static class Alive
{
    /// <summary>A zombie, which nobody has waited for yet, is dead.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static Task UntilDeadAsync(params int[] pids) =>
        Wait.UntilAsync($"the end of {string.Join(", ", pids)}", () => !pids.Any(IsAlive));
}
