namespace CloudPhone.Benchmarks.Measuring;

static class Table
{
    /// <summary>As Markdown has them, padded for terminals.</summary>
    public static void Write(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<IReadOnlyList<string>> all = [head, .. rows];
        var widths = Enumerable.Range(0, head.Count).Select(i => all.Max(r => r[i].Length)).ToList();
        Console.WriteLine();
        for (var i = 0; i < all.Count; i++)
        {
            Console.WriteLine($"| {string.Join(" | ", all[i].Select((c, j) => c.PadRight(widths[j])))} |");
            if (i == 0)
                Console.WriteLine($"|{string.Join("|", widths.Select(w => new string('-', w + 2)))}|");
        }
    }
}
