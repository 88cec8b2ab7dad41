using System.Globalization;

namespace CloudPhone.PhoneSimulator.Screen;

/// <summary>Draws the screen: few colours and straight edges, which cost little as video.</summary>
sealed class ScreenPainter(PhoneScreen screen, Phone phone, Frame frame)
{
    readonly int _scale = Math.Max(1, Math.Min(frame.Width, frame.Height) / 240);

    public void Draw(ScreenView view)
    {
        if (view.IsAsleep || !phone.IsBooted)
        {
            frame.Fill(0, 0, frame.Width, frame.Height, Frame.Black);
            if (!phone.IsBooted)
                frame.Text(frame.Width / 3, frame.Height / 2, _scale, "starting", Frame.White);
            return;
        }
        if (view.App is { } app)
            DrawApp(app, view);
        else
            DrawHome(view.Typed);
        if (view.Panel is { } panel)
            DrawPanel(panel);
        DrawStatus();
        if (view.Touched is { } touched)
            DrawSpot(touched, 2, Frame.Grey);
        foreach (var pointer in view.Pointers)
            DrawSpot(pointer, 4, Frame.White);
    }

    void DrawStatus()
    {
        frame.Fill(0, 0, frame.Width, screen.Top, Frame.Bar);
        frame.Text(2 * _scale, screen.Top / 4, _scale, "CloudPhone", Frame.White);
        var clock = phone.Clock.GetUtcNow().ToString("HH:mm", CultureInfo.InvariantCulture);
        frame.Text(frame.Width - (Width(clock) + (2 * _scale)), screen.Top / 4, _scale, clock, Frame.White);
    }

    void DrawHome(string typed)
    {
        frame.Fill(0, 0, frame.Width, frame.Height, Frame.Wallpaper);
        var cell = screen.Cell;
        foreach (var (i, package) in phone.Packages.Index())
        {
            var (x, y) = (i % PhoneScreen.Columns * cell, screen.Top + (i / PhoneScreen.Columns * cell));
            var name = package.PackageName[(package.PackageName.LastIndexOf('.') + 1)..];
            frame.Fill(x + (cell / 4), y + (cell / 8), cell / 2, cell / 2, Colour(package.PackageName));
            frame.Text(x + (cell / 8), y + (cell * 3 / 4), Math.Max(1, _scale / 2), name, Frame.White);
        }
        frame.Text(4 * _scale, frame.Height - (12 * _scale), _scale, typed, Frame.White);
    }

    /// <summary>Its name, a field with what was typed, and how far it is scrolled.</summary>
    void DrawApp(string app, ScreenView view)
    {
        frame.Fill(0, 0, frame.Width, frame.Height, Colour(app));
        frame.Text(4 * _scale, frame.Height / 3, _scale, app, Frame.White);
        var (x, y, width) = (4 * _scale, frame.Height / 2, frame.Width - (8 * _scale));
        frame.Fill(x, y, width, 16 * _scale, Frame.White);
        var room = Math.Max(1, (width - (4 * _scale)) / ((Font.Width + 1) * _scale));
        var text = view.Typed.Length > room ? view.Typed[^room..] : view.Typed;
        frame.Text(x + (2 * _scale), y + (4 * _scale), _scale, text, Frame.Black);
        frame.Fill(x + (2 * _scale) + Width(text), y + (2 * _scale), _scale, 12 * _scale, Frame.Grey);
        if (view.Scrolled > 0)
            frame.Fill(frame.Width - (2 * _scale), screen.Top + (view.Scrolled * frame.Height / 128), 2 * _scale,
                frame.Height / 16, Frame.Grey);
    }

    void DrawPanel(string panel)
    {
        frame.Fill(0, screen.Top, frame.Width, frame.Height / 3, Frame.Bar);
        frame.Text(4 * _scale, screen.Top + (4 * _scale), _scale, panel, Frame.White);
    }

    void DrawSpot((int X, int Y) at, int size, byte colour) => frame.Fill(
        at.X - (size * _scale), at.Y - (size * _scale), 2 * size * _scale, 2 * size * _scale, colour);

    int Width(string text) => text.Length * (Font.Width + 1) * _scale;

    /// <summary>The same after every start.</summary>
    static byte Colour(string package) => (byte)(Frame.FirstApp + (package.Sum(c => c) % Frame.AppColours));
}
