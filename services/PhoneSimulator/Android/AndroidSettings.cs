namespace CloudPhone.PhoneSimulator.Android;

/// <summary>What <c>settings</c> knows; kept with the properties that persist.</summary>
sealed class AndroidSettings(Phone phone)
{
    /// <summary>Empty where there is none.</summary>
    public string this[string space, string name] => phone.Properties[Property(space, name)];

    /// <returns>False where it can't be set.</returns>
    public bool Set(string space, string name, string value) =>
        IsSpace(space) && phone.SetProperty(Property(space, name), value);

    public static bool IsSpace(string space) => space is "system" or "secure" or "global";

    static string Property(string space, string name) => $"persist.settings.{space}.{name}";
}
