namespace CloudPhone.PhoneSimulator.Screen;

/// <summary>What is to be seen: the home screen with an icon for every app, or one app; and what is done there.
/// </summary>
sealed class PhoneScreen(int width, int height, Phone phone)
{
    const int Columns = 4;
    const int MaxTyped = 256;
    const int Home = 3, Back = 4, Enter = 66, Delete = 67;
    readonly Lock _gate = new();
    string? _app;
    string _typed = "";
    (int X, int Y)? _touched;

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

    int Cell => Width / Columns;
    int Top => Height / 16;

    /// <returns>False where there is no such app.</returns>
    public bool Open(string package)
    {
        if (!IsInstalled(package))
            return false;
        lock (_gate)
            (_app, _typed) = (package, "");
        return true;
    }

    public void Close(string package)
    {
        lock (_gate)
            _app = _app == package ? null : _app;
    }

    public void Touch(int x, int y)
    {
        var app = App;
        lock (_gate)
            _touched = (x, y);
        var index = y < Top ? -1 : ((y - Top) / Cell * Columns) + (x / Cell);
        if (app is null && index >= 0 && x >= 0 && x < Width
            && phone.Packages.ElementAtOrDefault(index) is { } package)
            Open(package.PackageName);
    }

    /// <summary>Nothing here scrolls: it is seen where the finger ended.</summary>
    public void Swipe(int x, int y)
    {
        lock (_gate)
            _touched = (x, y);
    }

    public void Type(string text)
    {
        lock (_gate)
            _typed = _typed + text is { Length: > MaxTyped } all ? all[^MaxTyped..] : _typed + text;
    }

    public void Press(int key)
    {
        lock (_gate)
        {
            switch (key)
            {
                case Home or Back:
                    (_app, _typed) = (null, "");
                    break;
                case Delete when _typed.Length > 0:
                    _typed = _typed[..^1];
                    break;
                case Enter:
                    _typed = "";
                    break;
                default:
                    break;
            }
        }
    }

    public void Restart()
    {
        lock (_gate)
            (_app, _typed, _touched) = (null, "", null);
    }

    public Frame Draw()
    {
        var (wide, high) = (Width, Height);
        var frame = new Frame(wide, high);
        var scale = Math.Max(1, width / 240);
        if (!phone.IsBooted)
        {
            frame.Text(wide / 3, high / 2, scale, "starting", Frame.White);
            return frame;
        }
        var app = App;
        lock (_gate)
        {
            if (app is null)
                DrawHome(frame, scale);
            else
                frame.Fill(0, 0, wide, high, Colour(app));
            if (app is not null)
                frame.Text(4 * scale, high / 3, scale, app, Frame.White);
            frame.Fill(0, 0, wide, Top, Frame.Bar);
            frame.Text(2 * scale, Top / 4, scale, "CloudPhone", Frame.White);
            frame.Text(4 * scale, high - (12 * scale), scale, _typed, Frame.White);
            if (_touched is var (x, y))
                frame.Fill(x - (2 * scale), y - (2 * scale), 4 * scale, 4 * scale, Frame.Grey);
        }
        return frame;
    }

    void DrawHome(Frame frame, int scale)
    {
        frame.Fill(0, 0, Width, Height, Frame.Wallpaper);
        foreach (var (i, package) in phone.Packages.Index())
        {
            var (x, y) = (i % Columns * Cell, Top + (i / Columns * Cell));
            var name = package.PackageName[(package.PackageName.LastIndexOf('.') + 1)..];
            frame.Fill(x + (Cell / 4), y + (Cell / 8), Cell / 2, Cell / 2, Colour(package.PackageName));
            frame.Text(x + (Cell / 8), y + (Cell * 3 / 4), Math.Max(1, scale / 2), name, Frame.White);
        }
    }

    /// <summary>The same after every start.</summary>
    static byte Colour(string package) => (byte)(Frame.FirstApp + (package.Sum(c => c) % Frame.AppColours));

    bool IsInstalled(string? package) => phone.Packages.Any(p => p.PackageName == package);
}
