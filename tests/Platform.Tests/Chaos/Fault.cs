namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>What is broken while events are on their way, and mended again.</summary>
abstract class Fault
{
    /// <summary>As the table has it.</summary>
    public abstract string Name { get; }

    /// <summary>It is there before the first event, instead of in the middle of them.</summary>
    public virtual bool IsFromTheStart => false;

    /// <summary>One event in 1 000 can't be handled.</summary>
    public virtual bool IsPoisoned => false;

    public abstract Task BeginAsync(ChaosRig rig);

    /// <summary>While it lasts.</summary>
    public virtual Task LastAsync(ChaosRig rig) => Task.CompletedTask;

    public abstract Task EndAsync(ChaosRig rig);

    /// <summary>What must be so in the end, besides that nothing is lost or doubled.</summary>
    public virtual Task CheckAsync(ChaosRig rig) => Task.CompletedTask;
}

/// <summary>Two methods are all that most faults are.</summary>
sealed class SimpleFault(
    string name, Func<ChaosRig, Task> begin, Func<ChaosRig, Task> end, TimeSpan lasting = default) : Fault
{
    public override string Name => lasting == default ? name : $"{name} for {lasting.TotalSeconds:0} s";

    public override Task BeginAsync(ChaosRig rig) => begin(rig);

    public override Task LastAsync(ChaosRig rig) => Task.Delay(lasting);

    public override Task EndAsync(ChaosRig rig) => end(rig);
}
