namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>
/// I6: each run in a phone's own history is one usage record with its seconds, within one for each change of state, at
/// the price of the phone's own size.
/// </summary>
static class MeteredRules
{
    /// <summary>From the first boot until it was off; the time in error does not count.</summary>
    /// <param name="End">Null: it goes on.</param>
    sealed record Run(DateTimeOffset Start, DateTimeOffset? End, TimeSpan Ran, int Changes);

    public static IEnumerable<string> Broken(BilledBooks books)
    {
        var bills = books.Bills.Where(b => b.StartedAt is not null).ToLookup(b => b.DeviceId);
        var moves = books.Moves.ToLookup(m => m.DeviceId);
        foreach (var device in bills.Select(b => b.Key).Union(moves.Select(m => m.Key)))
        {
            var left = bills[device].ToList();
            foreach (var run in Runs(moves[device].OrderBy(m => m.Version)))
            {
                var own = left.FindAll(b => (b.StartedAt!.Value - run.Start).Duration() < TimeSpan.FromMilliseconds(1));
                left = [.. left.Except(own)];
                if (own is not [var bill] || bill.IsClosed != run.End is not null || !Fits(bill, run))
                    yield return $"device {device} has for {run} [{string.Join(", ", own)}]";
            }
            if (books.Sizes.GetValueOrDefault(device) is { } size)
                foreach (var bill in bills[device].Where(b => b.PricePerHour != Price(books, b, size)))
                    yield return $"{bill} is not the price of {size}, {Price(books, bill, size)}";
            foreach (var bill in left.Where(b => !b.IsClosed || b.Seconds > 0))
                yield return $"the phone did not run for {bill}";
        }
    }

    static decimal Price(BilledBooks books, BillRow bill, SizeRow size) =>
        books.Cards.Where(c => c.ValidFrom <= bill.StartedAt).MaxBy(c => c.ValidFrom)!.PerHour(size);

    static bool Fits(BillRow bill, Run run) =>
        !bill.IsClosed || Math.Abs(run.Ran.TotalSeconds - bill.Seconds) <= run.Changes;

    static IEnumerable<Run> Runs(IEnumerable<MoveRow> history)
    {
        Run? run = null;
        DateTimeOffset? since = null;
        foreach (var move in history)
        {
            if (move.To == "Running")
            {
                run ??= new(move.At, null, TimeSpan.Zero, 0);
                run = run with { Changes = run.Changes + 1 };
                since ??= move.At;
            }
            else if (run is not null && move.To is "Error" or "Stopped" or "Failed" or null)
            {
                run = run with
                {
                    Ran = run.Ran + (since is { } on ? move.At - on : TimeSpan.Zero),
                    Changes = run.Changes + 1,
                };
                since = null;
                if (move.To == "Error")
                    continue;
                yield return run with { End = move.At };
                run = null;
            }
        }
        if (run is not null)
            yield return run;
    }
}
