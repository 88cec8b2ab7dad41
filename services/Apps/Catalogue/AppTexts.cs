using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Apps.Catalogue;

/// <summary>What people may write about an app.</summary>
static class AppTexts
{
    /// <summary>Null where it is good.</summary>
    public static ProblemHttpResult? CheckName(string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > App.MaxName)
            return Problems.BadRequest("bad-request", $"name has 1 to {App.MaxName} characters.");
        return name.Any(char.IsControl) ? Problems.BadRequest("bad-request", "name has no control characters.") : null;
    }

    /// <inheritdoc cref="CheckName"/>
    public static ProblemHttpResult? CheckDescription(string? description)
    {
        if (description?.Length > App.MaxDescription)
            return Problems.BadRequest("bad-request", $"description has at most {App.MaxDescription} characters.");
        return description?.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) == true
            ? Problems.BadRequest("bad-request", "description has no control characters but line breaks and tabs.")
            : null;
    }
}
