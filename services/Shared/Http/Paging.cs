using System.Buffers.Text;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Shared.Http;

/// <summary>One page of a list, newest first.</summary>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <summary>The same page, as callers are shown it.</summary>
    public Page<TOther> Select<TOther>(Func<T, TOther> map) => new([.. Items.Select(map)], NextCursor);
}

/// <summary>An entity whose id is a version 7 UUID, so that ids order by time of creation.</summary>
public interface IEntity
{
    /// <summary>
    /// Its time of creation is in it, so it is made by <see cref="Guid.CreateVersion7()"/> and never changed.
    /// </summary>
    Guid Id { get; }
}

/// <summary>
/// The query parameters of every list: <c>limit</c> from 1 to 100 (20 unless given) and <c>cursor</c>.
/// </summary>
/// <exception cref="BadHttpRequestException">From binding: a limit out of range, or a cursor that no page
/// gave.</exception>
public sealed record PageRequest(int Limit, Guid? Before)
{
    /// <summary>Items on a page at most. More is an error, not cut off in silence.</summary>
    public const int MaxLimit = 100;

    /// <summary>How the framework fills a handler's parameter from the query.</summary>
    /// <exception cref="BadHttpRequestException">A limit out of range, or a cursor that no page gave.</exception>
    public static ValueTask<PageRequest> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        var limit = 20;
        if (http.Request.Query["limit"] is [{ Length: > 0 } l]
            && (!int.TryParse(l, out limit) || limit is < 1 or > MaxLimit))
            throw new BadHttpRequestException($"limit is a whole number from 1 to {MaxLimit}.");
        Guid? before = null;
        if (http.Request.Query["cursor"] is [{ Length: > 0 } c])
            before = Decode(c) ?? throw new BadHttpRequestException("cursor is the nextCursor of the page before.");
        return new(new PageRequest(limit, before));
    }

    internal static string Encode(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));

    static Guid? Decode(string cursor)
    {
        try
        {
            return Base64Url.DecodeFromChars(cursor) is { Length: 16 } bytes ? new Guid(bytes, bigEndian: true) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>Lists by keyset: a page costs the same wherever it is, and new items shift none.</summary>
public static class Paging
{
    /// <summary>The page, newest first, by one query.</summary>
    public static async Task<Page<T>> ToPageAsync<T>(this IQueryable<T> query, PageRequest page, CancellationToken ct)
        where T : class, IEntity
    {
        if (page.Before is { } before)
            query = query.Where(e => e.Id < before);
        return (await query.OrderByDescending(e => e.Id).Take(page.Limit + 1).AsNoTracking().ToListAsync(ct))
            .ToPage(page);
    }

    /// <summary>For lists in another order than that of their ids; the cursor is still an id.</summary>
    /// <param name="items">One more than the page's limit, where there are so many.</param>
    /// <param name="page">What was asked for.</param>
    public static Page<T> ToPage<T>(this IReadOnlyList<T> items, PageRequest page) where T : class, IEntity =>
        items.Count <= page.Limit ? new(items, null)
        : new([.. items.Take(page.Limit)], PageRequest.Encode(items[page.Limit - 1].Id));
}
