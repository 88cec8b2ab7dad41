using MimeKit;

namespace CloudPhone.Notifications.Mail;

/// <summary>Writes each mail as an .eml file named by its Message-ID, so that a mail sent twice is one file.</summary>
sealed class FolderTransport(string folder) : IMailTransport
{
    public async Task SendAsync(MimeMessage message, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{message.MessageId!.Split('@')[0]}.eml");
        var part = $"{file}.part";
        await using (var stream = File.Create(part))
            await message.WriteToAsync(stream, ct);
        File.Move(part, file, overwrite: true);
    }
}
