using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Shared.Work;

/// <summary>A row with something to be done at its time: a <see cref="DueWorker{TDb, TRow}"/> does it.</summary>
public abstract class DueRow : IEntity, IAwaited
{
    /// <inheritdoc/>
    public Guid Id { get; set; }

    /// <summary>
    /// When it may be taken. Moved ahead, again and again, while it is in hand: of a process that dies it comes free by
    /// itself. Null: nothing is left to do.
    /// </summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>Of who has it in hand; a new one each time that it is taken.</summary>
    public Guid? LeaseId { get; set; }

    /// <summary>How often it was tried, the try that runs included.</summary>
    public int Attempts { get; set; }

    /// <summary>The request that caused it, and its trace: the work is done in their name.</summary>
    [MaxLength(64)]
    public string? RequestId { get; set; }

    /// <summary>In the W3C form; null: it began outside of a trace.</summary>
    [MaxLength(64)]
    public string? TraceParent { get; set; }
}
