using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Screen;

/// <summary>What is to be seen: the home screen with an icon for every app, or one app; and what is done there.
/// </summary>
sealed class PhoneScreen(int width, int height, Phone phone)
{
    public const int Columns = 4;
    const int MaxTyped = 256;
    const int MaxPointers = 10;
    const int MaxScrolled = 100;
    readonly Lock _gate = new();
    readonly Dictionary<ulong, (int X, int Y)> _pointers = [];
    string? _app;
    int _pid;
    string _typed = "";
    string? _panel;
    int _scrolled;
    bool _isAsleep;
    (int X, int Y)? _touched;
    TaskCompletionSource _more = New();

    /// <summary>As it is built, however it is turned.</summary>
    public (int Width, int Height) Built => (width, height);

    public int Width => IsTurned ? height : width;
    public int Height => IsTurned ? width : height;

    bool IsTurned => phone.Settings["system", "user_rotation"] is "1" or "3";

    /// <summary>Null: the home screen.</summary>
    public string? App
    {
        get
        {
            lock (_gate)
                return IsInstalled(_app) ? _app : null;
        }
    }

    /// <summary>The app as a process; null: none is open.</summary>
    public (string Name, int Pid)? Running
    {
        get
        {
            lock (_gate)
                return IsInstalled(_app) ? (_app!, _pid) : null;
        }
    }

    public bool IsAsleep => Volatile.Read(ref _isAsleep);

    /// <summary>Completes when something may have changed after it was asked for.</summary>
    public Task More
    {
        get
        {
            lock (_gate)
                return _more.Task;
        }
    }

    /// <summary>Where an app's icon begins, and how large its place is.</summary>
    public int Cell => Width / Columns;
    public int Top => Height / 16;

    public void Turn() => phone.Settings.Set("system", "user_rotation", IsTurned ? "0" : "1");

    /// <returns>False where there is no such app.</returns>
    public bool Open(string package)
    {
        if (!IsInstalled(package))
            return false;
        Change(() => (_app, _typed, _scrolled, _pid) =
            (package, "", 0, _app == package ? _pid : phone.Processes.NewPid()));
        return true;
    }

    public void Close(string package) => Change(() => _app = _app == package ? null : _app);

    /// <summary>A short touch: an app opens when its icon is touched.</summary>
    public void Touch(int x, int y)
    {
        Change(() => _touched = (x, y));
        Tap(x, y);
    }

    /// <summary>A finger or a mouse comes down or moves.</summary>
    /// <returns>False where there are more than a screen can tell apart.</returns>
    public bool Point(ulong pointer, int x, int y)
    {
        var isKnown = true;
        Change(() =>
        {
            isKnown = _pointers.ContainsKey(pointer) || _pointers.Count < MaxPointers;
            if (isKnown)
                _pointers[pointer] = (x, y);
        });
        return isKnown;
    }

    public bool IsPointed(ulong pointer)
    {
        lock (_gate)
            return _pointers.ContainsKey(pointer);
    }

    /// <summary>It goes up again; where it was the only one that is a tap.</summary>
    public void Release(ulong pointer, int x, int y)
    {
        var isTap = false;
        Change(() =>
        {
            if (!_pointers.Remove(pointer))
                return;
            isTap = _pointers.Count == 0;
            _touched = (x, y);
        });
        if (isTap)
            Tap(x, y);
    }

    void Tap(int x, int y)
    {
        var index = y < Top ? -1 : ((y - Top) / Cell * Columns) + (x / Cell);
        if (App is null && !IsAsleep && index >= 0 && x >= 0 && x < Width
            && phone.Packages.ElementAtOrDefault(index) is { } package)
            Open(package.PackageName);
    }

    /// <summary>It is seen where the finger ended.</summary>
    public void Swipe(int x, int y) => Change(() => _touched = (x, y));

    /// <param name="steps">Of a wheel; upwards is more than 0.</param>
    public void Scroll(double steps) =>
        Change(() => _scrolled = Math.Clamp(_scrolled - (int)Math.Round(steps), 0, MaxScrolled));

    public void Type(string text) =>
        Change(() => _typed = _typed + text is { Length: > MaxTyped } all ? all[^MaxTyped..] : _typed + text);

    /// <param name="meta">Keys that are held.</param>
    public void Press(int key, int meta = 0)
    {
        key = Keyboard.Meant(key, meta);
        if (key is Keyboard.Copy or Keyboard.Cut && Typed() is { Length: > 0 } typed)
            phone.Clipboard.Set(typed); // where nothing is selected, what was copied before stays
        if (key == Keyboard.Paste)
            Type(phone.Clipboard.Text);
        else
            Change(() => Do(key, meta));
    }

    void Do(int key, int meta)
    {
        switch (key)
        {
            case Keyboard.Home or Keyboard.Back:
                (_app, _typed, _panel) = (_panel is null ? null : _app, _panel is null ? "" : _typed, null);
                break;
            case Keyboard.Delete when _typed.Length > 0:
                _typed = _typed[..^1];
                break;
            case Keyboard.Enter or Keyboard.Cut:
                _typed = "";
                break;
            case Keyboard.Power:
                _isAsleep = !_isAsleep;
                break;
            case Keyboard.Sleep or Keyboard.WakeUp:
                _isAsleep = key == Keyboard.Sleep;
                break;
            default:
                if (Keyboard.Character(key, meta) is { } character && _typed.Length < MaxTyped)
                    _typed += character;
                break;
        }
    }

    string Typed()
    {
        lock (_gate)
            return _typed;
    }

    /// <param name="panel">Its title; null: none.</param>
    public void ShowPanel(string? panel) => Change(() => _panel = panel);

    public void Restart() => Change(() =>
    {
        (_app, _typed, _touched, _panel, _scrolled, _isAsleep) = (null, "", null, null, 0, false);
        _pointers.Clear();
    });

    /// <summary>Something that is seen has changed outside of here.</summary>
    public void Changed() => Change(() => { });

    public Frame Draw()
    {
        var frame = new Frame(Width, Height);
        Draw(frame);
        return frame;
    }

    /// <param name="frame">Of the screen's size, and filled whole.</param>
    public void Draw(Frame frame)
    {
        var view = Look();
        new ScreenPainter(this, phone, frame).Draw(view);
    }

    ScreenView Look()
    {
        var app = App;
        lock (_gate)
            return new(app, _typed, _panel, _scrolled, _isAsleep, _touched, [.. _pointers.Values]);
    }

    void Change(Action change)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            change();
            (more, _more) = (_more, New());
        }
        more.SetResult();
    }

    bool IsInstalled(string? package) => package is not null && phone.Find(package) is not null;

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>All that is on the screen at one moment.</summary>
sealed record ScreenView(
    string? App, string Typed, string? Panel, int Scrolled, bool IsAsleep, (int X, int Y)? Touched,
    (int X, int Y)[] Pointers);
