namespace CloudPhone.Media;

static class MediaService
{
    public static void AddMedia(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(MediaOptions.From(builder.Configuration));
}
