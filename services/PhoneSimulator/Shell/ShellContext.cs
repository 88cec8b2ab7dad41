using System.Text;
using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>What a command works with: the phone, its shell, its streams.</summary>
sealed record ShellContext(
    Phone Phone, ShellState State, Stream In, Stream Out, Stream Error, CancellationToken Closed)
{
    static readonly UTF8Encoding Utf8 = new(false);

    /// <summary>How many commands run this one.</summary>
    public int Depth { get; init; }

    public PhoneDisk Disk => Phone.Disk;

    public string Resolve(string path) => DevicePath.Resolve(path, State.Directory);

    public async Task<int> SayAsync(string line)
    {
        await Out.WriteAsync(Utf8.GetBytes(line + "\n"), Closed);
        return 0;
    }

    public async Task<int> SayAsync(IEnumerable<string> lines)
    {
        var text = string.Concat(lines.Select(l => l + "\n"));
        if (text.Length > 0)
            await Out.WriteAsync(Utf8.GetBytes(text), Closed);
        return 0;
    }

    public async Task<int> FailAsync(string line, int code = 1)
    {
        await Error.WriteAsync(Utf8.GetBytes(line + "\n"), Closed);
        return code;
    }
}
