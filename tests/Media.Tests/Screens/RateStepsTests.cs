using CloudPhone.Media.Screens;
using CloudPhone.Media.WebRtc.H264;
using CloudPhone.Media.WebRtc.Rtp;

namespace CloudPhone.Media.Tests.Screens;

/// <summary>The rate of an encoder, in counted time, with a viewer whose way takes so much.</summary>
public sealed class RateStepsTests
{
    const int Most = 4_000_000;
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    readonly RateSteps _steps = new(Most);
    readonly Congestion _viewer = new();
    readonly List<(TimeSpan At, int Rate)> _changes = [];
    TimeSpan _now;
    double _estimate = 300_000;

    [Fact]
    public void Nobody_slow_and_nothing_changes()
    {
        Play(TimeSpan.FromHours(1), way: 20_000_000);
        Assert.Empty(_changes);
    }

    [Fact]
    public void A_still_screen_changes_nothing_whatever_the_estimate()
    {
        for (var i = 0; i < 600; i++)
        {
            _viewer.OnEstimate(i % 2 == 0 ? 300_000 : 200_000, _now += Second); // it falls, too
            Assert.Null(_steps.Due(made: 10_000, _viewer.Room(_now), _now));
        }
    }

    [Theory]
    [InlineData(2_950_000, 2_500_000)]
    [InlineData(1_900_000, 1_500_000)]
    [InlineData(1_000_000, 800_000)]
    [InlineData(300_000, 800_000)]
    public void A_way_that_is_full_lowers_it_soon_to_what_fits(int way, int rate)
    {
        Play(TimeSpan.FromSeconds(30), way);
        Assert.Equal(rate, _changes.Min(c => c.Rate));
        // the browser's estimate has to rise first
        Assert.InRange(_changes[0].At, RateSteps.Confirmed, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_burst_is_no_reason()
    {
        Play(TimeSpan.FromSeconds(60), way: 20_000_000);
        for (var i = 0; i < 20; i++)
        {
            // one second of four times the rate, which the viewer's estimate fell below
            var isBurst = i % 10 == 0;
            Assert.Null(_steps.Due(isBurst ? 4 * Most / 8 : 0, isBurst ? 1_000_000 : null, _now += Second));
        }
    }

    [Fact]
    public void After_calm_it_rises_step_by_step()
    {
        Play(TimeSpan.FromSeconds(60), way: 500_000);
        Assert.Equal(800_000, _steps.Rate);
        var from = _now;
        _changes.Clear();
        Play(TimeSpan.FromMinutes(10), way: 20_000_000);
        Assert.Equal([1_500_000, 2_500_000, Most], _changes.Select(c => c.Rate));
        Assert.All(_changes.Prepend((At: from, 0)).Zip(_changes), p =>
            Assert.True(p.Second.At - p.First.At >= RateSteps.Calm, $"{p}"));
    }

    [Fact]
    public void A_way_between_two_steps_makes_it_try_less_and_less()
    {
        Play(TimeSpan.FromHours(4), way: 2_000_000);
        Assert.All(_changes.Zip(_changes.Skip(1)), p => Assert.True(p.Second.At - p.First.At >= RateSteps.Pause));
        // each try is up and down again; it would be one each 20 s
        var tries = _changes.Count(c => c.Rate > 2_000_000 && c.At > TimeSpan.FromMinutes(30));
        Assert.InRange(tries, 10, 4 * 60 / 4);
        Assert.True(_steps.Rate is 1_500_000 or 2_500_000);
    }

    [Fact]
    public void What_could_not_be_changed_is_tried_again_later()
    {
        var tried = new List<TimeSpan>();
        var patience = new List<TimeSpan>();
        for (; _now < TimeSpan.FromSeconds(200); _now += Second)
            if (_steps.Due(Most / 8, 1_000_000, _now) is { } rate)
            {
                Assert.Equal(800_000, rate);
                tried.Add(_now);
                patience.Add(_steps.Patience);
                _steps.NotChanged(_now);
            }
        Assert.Equal([8, 16, 32, 64, 64], tried.Zip(tried.Skip(1), (a, b) => (b - a).TotalSeconds));
        Assert.Equal([200, 400, 800, 800, 800, 800], patience.Select(p => p.TotalMilliseconds));
        Assert.Equal(Most, _steps.Rate);
        _steps.Changed(800_000, _now);
        Assert.Equal(RateSteps.ShortPatience, _steps.Patience);
    }

    [Theory]
    [InlineData(300_000, new[] { 300_000 })]
    [InlineData(600_000, new[] { 600_000, 375_000, 225_000 })]
    public void There_is_a_least(int most, int[] rates)
    {
        var steps = new RateSteps(most);
        var seen = new HashSet<int> { steps.Rate };
        for (; _now < TimeSpan.FromMinutes(1); _now += Second)
            if (steps.Due(most / 8, steps.Rate - 1, _now) is { } rate)
            {
                steps.Changed(rate, _now);
                seen.Add(rate);
            }
        Assert.Equal(rates, seen);
    }

    /// <summary>A way with a buffer of half a second. A browser's estimate is what comes, less a sixth, where the
    /// buffer fills, and stays while it empties; else it grows, up to half as much again as comes.</summary>
    void Play(TimeSpan time, int way)
    {
        var waiting = 0.0;
        for (var end = _now + time; _now < end; _now += Second)
        {
            double sent = Math.Min(_steps.Rate, _viewer.Limit(_now) ?? long.MaxValue);
            waiting += sent - way;
            var lost = Math.Max(0, waiting - (0.5 * way));
            waiting = Math.Clamp(waiting, 0, 0.5 * way);
            _estimate = sent > way ? 0.85 * way : waiting > 0 ? _estimate
                : Math.Max(_estimate, Math.Min(1.08 * _estimate + 1000, 1.5 * sent));
            _viewer.OnEstimate((long)_estimate, _now);
            _viewer.OnLoss(lost / sent, (long)(sent / 8 / Packetizer.MaxPayload), _now);
            if (_steps.Due(_steps.Rate / 8, _viewer.Room(_now), _now) is not { } rate)
                continue;
            _steps.Changed(rate, _now);
            _changes.Add((_now, rate));
        }
    }
}
