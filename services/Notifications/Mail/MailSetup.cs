using CloudPhone.Shared.Hosting;

namespace CloudPhone.Notifications.Mail;

static class MailSetup
{
    /// <exception cref="SettingException">It is not clear where mails go.</exception>
    public static void AddMail(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Choose(builder.Configuration));
        builder.Services.AddSingleton<MailWriter>().AddSingleton<MailTargets>().AddSingleton<InvoicePages>()
            .AddScoped<MailDelivery>();
        builder.Services.AddHostedService<MailWorker>();
    }

    static IMailTransport Choose(IConfiguration configuration) =>
        (configuration["SMTP_URL"], configuration["MAIL_FOLDER"], configuration["CLOUDPHONE_DATA"]) switch
        {
            ({ Length: > 0 }, { Length: > 0 }, _) =>
                throw new SettingException("Set SMTP_URL or MAIL_FOLDER, not both."),
            ({ Length: > 0 } url, _, _) => new SmtpTransport(SmtpServer.Parse(url)
                ?? throw new SettingException(
                    "Set SMTP_URL to something like smtp://user:password@mail.example.com:587.")),
            (_, { Length: > 0 } folder, _) => new FolderTransport(folder),
            (_, _, { Length: > 0 } data) => new FolderTransport(Path.Combine(data, "mail")),
            _ => throw new SettingException(
                "Set SMTP_URL to a mail server, or MAIL_FOLDER to a folder for .eml files."),
        };
}
