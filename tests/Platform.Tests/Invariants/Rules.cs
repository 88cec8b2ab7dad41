namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What must be true of the books when the platform is at rest. Each rule says what breaks it.</summary>
static class Rules
{
    public static IEnumerable<string> Broken(Books books)
    {
        var running = books.Devices.Where(d => d.Status == "running").ToDictionary(d => d.Id);
        return
        [
            .. Devices(books), .. Quotas(books, running.Values), .. Placements(books, running), .. Nodes(books),
                .. Usage(books, running),
            .. Notifications(books, running), .. Processes(books, running), .. MoneyRules.Broken(books),
            .. books.Pending,
        ];
    }

    static IEnumerable<string> Devices(Books books) =>
        books.Devices.Where(d => d.Status is not ("running" or "failed")).Select(d => $"device {d.Id} is {d.Status}");

    /// <summary>What users are told, and what is kept of all of them.</summary>
    static IEnumerable<string> Quotas(Books books, IEnumerable<DeviceRow> running)
    {
        var phones = running.ToLookup(d => d.UserId);
        foreach (var (user, told) in books.Quotas.Select(q => (q.Key, q.Value)).Concat(books.KeptQuotas))
        {
            var own = phones[user].ToList();
            var real = new QuotaRow(own.Count, own.Sum(d => d.CpuCores), own.Sum(d => d.MemoryGB));
            if (told != real)
                yield return $"the quota of {user} says {told}, running is {real}";
        }
    }

    static IEnumerable<string> Placements(Books books, Dictionary<Guid, DeviceRow> running)
    {
        var held = books.Placements.Where(p => p.HoldsRoom).ToLookup(p => p.DeviceId);
        foreach (var d in running.Values)
            if (held[d.Id].ToList() is not [{ State: "confirmed" } one]
                || (one.CpuCores, one.MemoryGB) != (d.CpuCores, d.MemoryGB))
                yield return $"device {d.Id} has the placements [{string.Join(", ", held[d.Id])}]";
        foreach (var orphan in held.Where(p => !running.ContainsKey(p.Key)))
            yield return $"a placement of {orphan.Key}, which does not run: {orphan.First().State}";
    }

    static IEnumerable<string> Nodes(Books books)
    {
        foreach (var node in books.Nodes)
        {
            var real = books.Placements.Where(p => p.HoldsRoom && p.NodeId == node.Id)
                .Select(p => new Amount(p.CpuCores, p.MemoryGB, 1))
                .Concat(books.Held.Where(h => h.NodeId == node.Id).Select(h => new Amount(h.CpuCores, h.MemoryGB, 1)))
                .Aggregate(new Amount(0, 0, 0), (sum, one) => sum.Plus(one));
            if (node.Used != real)
                yield return $"node {node.Name} counts {node.Used}, its placements and reservations are {real}";
        }
    }

    static IEnumerable<string> Usage(Books books, Dictionary<Guid, DeviceRow> running)
    {
        var usage = books.Usage.ToLookup(u => u.DeviceId);
        foreach (var d in running.Values.Where(d => books.Quotas.ContainsKey(d.UserId)))
            if (usage[d.Id].ToList() is not [{ Status: "open", StartedAt: not null } one] || one.UserId != d.UserId)
                yield return $"device {d.Id} has the usage records [{string.Join(", ", usage[d.Id])}]";
        foreach (var orphan in usage.Where(u => !running.ContainsKey(u.Key)))
            yield return $"a usage record of {orphan.Key}, which does not run";
    }

    static IEnumerable<string> Notifications(Books books, Dictionary<Guid, DeviceRow> running)
    {
        foreach (var (user, all) in books.Notifications)
        {
            var told = all.Where(n => n.Type is "device.created" or "device.started")
                .ToLookup(n => (n.DeviceId, n.Type));
            foreach (var d in running.Values.Where(d => d.UserId == user))
                foreach (var type in new[] { "device.created", "device.started" })
                    if (told[(d.Id, type)].Count() != 1)
                        yield return $"{told[(d.Id, type)].Count()} notifications {type} of device {d.Id}";
            foreach (var orphan in told.Where(t => t.Key.DeviceId is not { } id || !running.ContainsKey(id)))
                yield return $"a notification {orphan.Key.Type} of {orphan.Key.DeviceId}, which does not run";
        }
    }

    static IEnumerable<string> Processes(Books books, Dictionary<Guid, DeviceRow> running)
    {
        foreach (var d in running.Values.Where(d => books.Processes[d.Id].Count() != 1))
            yield return $"device {d.Id} has {books.Processes[d.Id].Count()} processes";
        foreach (var orphan in books.Processes.Where(p => !running.ContainsKey(p.Key)))
            yield return $"a process of {orphan.Key}, which does not run";
    }
}
