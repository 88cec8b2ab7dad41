using System.Net;
using System.Text;
using System.Text.Json;
using CloudPhone.Notifications.Texts;
using MimeKit;
using MimeKit.Text;

namespace CloudPhone.Notifications.Mail;

/// <summary>Writes the mail for a notification: text and HTML, in the user's language.</summary>
sealed class MailWriter(TextCatalogue texts, NotificationOptions options)
{
    /// <param name="link">Stands below the text.</param>
    /// <exception cref="UndeliverableException">The user's address is none.</exception>
    public MimeMessage Write(
        OutgoingMail mail, string email, string username, string language, Uri? link = null,
        Attachment? attachment = null)
    {
        if (!MailboxAddress.TryParse(email, out var address) || string.IsNullOrEmpty(address.Domain)
            || email.Any(char.IsControl))
            throw new UndeliverableException("The user's mail address is not valid.");
        var words = texts[language].Mail;
        var (title, text) = texts.Render(language, mail.Type, JsonSerializer.Deserialize<JsonElement>(mail.Data));
        if (attachment is not null)
            text = $"{text} {words.Attached}";
        var greeting = words.Greeting.Replace("{username}", username, StringComparison.Ordinal);
        var message = new MimeMessage
        {
            Subject = OneLine(title), Date = mail.CreatedAt,
            // the same each time it is sent: mailboxes show a double once
            MessageId = $"{mail.Id}@{options.From.Domain}",
            Body = With(attachment, new MultipartAlternative
            {
                new TextPart(TextFormat.Plain)
                {
                    Text = $"{greeting}\n\n{text}\n\n{LinkLine(link)}-- \n{words.Footer}\n",
                },
                new TextPart(TextFormat.Html) { Text = Html(language, title, greeting, text, words.Footer, link) },
            }),
        };
        message.From.Add(options.From);
        message.To.Add(new MailboxAddress(OneLine(username), address.Address));
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Headers.Add(HeaderId.ContentLanguage, language);
        return message;
    }

    static Multipart With(Attachment? attachment, MultipartAlternative text) => attachment is null ? text
        : new Multipart("mixed")
        {
            text,
            new MimePart("application", "pdf")
            {
                Content = new MimeContent(new MemoryStream(attachment.Content)), FileName = attachment.FileName,
                ContentDisposition = new(ContentDisposition.Attachment) { FileName = attachment.FileName },
                ContentTransferEncoding = ContentEncoding.Base64,
            },
        };

    static string LinkLine(Uri? link) => link is null ? "" : $"{link.AbsoluteUri}\n\n";

    /// <summary>A line break in a name must not begin a header.</summary>
    static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    static string Html(string language, string title, string greeting, string text, string footer, Uri? link) =>
        new StringBuilder()
        .Append($"<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">")
        .Append($"<title>{Safe(title)}</title></head>")
        .Append("<body style=\"font-family:sans-serif;max-width:36em;margin:2em auto;color:#222\">")
        .Append($"<h2 style=\"font-size:1.2em\">{Safe(title)}</h2><p>{Safe(greeting)}</p><p>{Safe(text)}</p>")
        .Append(link is null ? "" : $"<p><a href=\"{Safe(link.AbsoluteUri)}\">{Safe(link.AbsoluteUri)}</a></p>")
        .Append($"<p style=\"color:#777;font-size:.85em;border-top:1px solid #ddd;padding-top:1em\">{Safe(footer)}</p>")
        .Append("</body></html>").ToString();

    static string Safe(string text) => WebUtility.HtmlEncode(text);
}
