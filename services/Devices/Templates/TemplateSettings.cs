using System.Globalization;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Devices.Templates;

/// <summary>Reads DEVICE_TEMPLATES.</summary>
static class TemplateSettings
{
    const string Example = "Set DEVICE_TEMPLATES to sizes like small=cpu:1,memory:2,storage:8,screen:720x1280,dpi:320;"
        + "gamer=cpu:8,memory:16,storage:64,screen:1080x2400,dpi:420,android:13,type:phone";
    const int MaxName = 32;
    static readonly string[] Known = ["cpu", "memory", "storage", "screen", "dpi", "android", "type"];

    /// <param name="value">name=key:value,… with semicolons between them; null or empty: the usual ones.</param>
    /// <exception cref="SettingException">One can't be read, or is larger than phones may be.</exception>
    public static IReadOnlyList<Template> Read(string? value, DeviceOptions options)
    {
        if (string.IsNullOrEmpty(value))
            return [.. Template.Usual.Where(t => Fits(t, options))];
        var templates = value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(ParseOne).ToList();
        if (templates.DistinctBy(t => t.Name).Count() != templates.Count)
            throw new SettingException($"{Example}: each name once.");
        foreach (var t in templates)
            if (!Fits(t, options))
                throw new SettingException($"Template {t.Name} of DEVICE_TEMPLATES is larger than "
                    + "MAX_DEVICE_CPU_CORES, MAX_DEVICE_MEMORY_GB and MAX_DEVICE_STORAGE_GB let phones be.");
            else if (options.Docker is { } docker && t.Look.AndroidVersion is { } version
                && !docker.Images.ContainsKey(version))
                throw new SettingException($"Add {version}=IMAGE to PHONE_IMAGES, for template {t.Name}.");
        return templates;
    }

    static bool Fits(Template t, DeviceOptions options) =>
        t.CpuCores <= options.MaxCpuCores && t.MemoryGB <= options.MaxMemoryGB && t.StorageGB <= options.MaxStorageGB;

    static Template ParseOne(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 and <= MaxName } name, var rest] || !name.All(IsForNames))
            throw new SettingException($"{Example}; '{text}' is none.");
        var values = new Dictionary<string, string>();
        foreach (var pair in rest.Split(',', StringSplitOptions.TrimEntries))
            if (pair.Split(':', 2) is not [var key, var value] || !Known.Contains(key) || !values.TryAdd(key, value))
                throw new SettingException($"{Example}; of template {name} '{pair}' can't be read.");
        return new(name, TypeOf(name, values.GetValueOrDefault("type", "phone")), Number("cpu", 1, 256),
            Number("memory", 1, 1024), Number("storage", Device.MinStorageGB, 4096, Device.UsualStorageGB),
            new(Side(0), Side(1), Number("dpi", 72, 960, 320), values.ContainsKey("android") ? Number("android", 8, 20)
                : null));

        int Number(string key, int least, int most, int? usual = null) =>
            !values.TryGetValue(key, out var value) && usual is { } number ? number
                : NumberOf(name, key, value, least, most);

        int Side(int index) => values.GetValueOrDefault("screen", "720x1280").Split('x') is [_, _] sides
            && NumberOf(name, "screen", sides[index], 160, 4096) is var pixels && pixels % 2 == 0 ? pixels
            : throw new SettingException($"{Example}; the screen of template {name} has two even numbers of pixels.");
    }

    static int NumberOf(string name, string key, string? value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n
        : throw new SettingException($"{Example}; {key} of template {name} is from {least} to {most}.");

    static string TypeOf(string name, string value) => value is "phone" or "tablet" ? value
        : throw new SettingException($"{Example}; type of template {name} is phone or tablet.");

    static bool IsForNames(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-';
}
