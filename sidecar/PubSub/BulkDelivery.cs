using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Collects a subscription's events, by route, and gives them to the app many at a time.</summary>
sealed class BulkDelivery(
    Subscription subscription, BulkSubscribe limits, AppDelivery app, PolicyRunner inbound, DeliveryLife life,
    TimeProvider time)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, List<BulkItem>> _waiting = [];

    /// <summary>What the app said about this event once its batch was delivered.</summary>
    public Task<AppAnswer> SendAsync(
        string path, ReadOnlyMemory<byte> data, bool isRaw, IReadOnlyDictionary<string, string> metadata)
    {
        var item = new BulkItem(data, isRaw, metadata);
        lock (_lock)
        {
            if (!_waiting.TryGetValue(path, out var items))
            {
                _waiting[path] = items = [];
                _ = DeliverLaterAsync(path, items);
            }
            items.Add(item);
            if (items.Count >= limits.MaxMessagesCount)
            {
                _waiting.Remove(path);
                _ = DeliverAsync(path, items);
            }
        }
        return item.Answer.Task;
    }

    async Task DeliverLaterAsync(string path, List<BulkItem> items)
    {
        await Task.Delay(limits.MaxAwaitDuration, time, life.Stopping)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            if (!_waiting.TryGetValue(path, out var present) || present != items)
                return;
            _waiting.Remove(path);
        }
        await DeliverAsync(path, items);
    }

    /// <summary>Each try has only those that no try before settled.</summary>
    async Task DeliverAsync(string path, List<BulkItem> items)
    {
        var open = items;
        try
        {
            var last = await inbound.RunAsync(
                AttemptAsync, a => a.Verdict == Verdict.Failure ? a.Code : null, life.Stopping);
            open.ForEach(i => i.Answer.TrySetResult(last));
        }
        catch (Exception e)
        {
            open.ForEach(i => i.Answer.TrySetException(e));
        }

        async Task<AppAnswer> AttemptAsync(CancellationToken timeout)
        {
            using var call = new AppCall(life, timeout, CancellationToken.None);
            var (status, body) = await app.PostAsync(
                path, BulkRequest.Write(subscription, open), ContentTypes.Json, subscription.PubSubName,
                new Dictionary<string, string>(), null, call.Token);
            if (AppAnswer.OfStatus(status) is { } all)
                return all;
            var answers = BulkRequest.ReadAnswers(body);
            foreach (var item in open)
                if (answers.TryGetValue(item.EntryId, out var answer))
                    item.Answer.TrySetResult(answer);
            open = open.FindAll(i => !i.Answer.Task.IsCompleted);
            return open.Count == 0
                ? new(Verdict.Success)
                : throw new RetryRequestedException($"no success for {open.Count} of {items.Count} events");
        }
    }
}

sealed record BulkItem(ReadOnlyMemory<byte> Data, bool IsRaw, IReadOnlyDictionary<string, string> Metadata)
{
    public string EntryId { get; } = Guid.NewGuid().ToString();

    public TaskCompletionSource<AppAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
