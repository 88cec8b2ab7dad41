namespace CloudPhone.PhoneSimulator.Android;

/// <summary>What was copied last.</summary>
sealed class Clipboard
{
    readonly Lock _gate = new();
    string _text = "";

    public string Text
    {
        get
        {
            lock (_gate)
                return _text;
        }
    }

    /// <summary>The text, and who copied it.</summary>
    public event Action<string, object?>? Changed;

    /// <param name="by">Who need not be told.</param>
    public void Set(string text, object? by = null)
    {
        lock (_gate)
            _text = text;
        Changed?.Invoke(text, by);
    }
}
