using Osc.Flows;

namespace Osc.Bus.Updates;

/// <summary>What became of an update's message.</summary>
public abstract record UpdateResult
{
    /// <summary>A chunk was taken; more are to come.</summary>
    public sealed record Incomplete : UpdateResult;

    /// <summary>The update is whole, and its flows add up to the digest that was announced.</summary>
    public sealed record Complete(HostFlows Flows) : UpdateResult;

    /// <summary>The update cannot be used.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : UpdateResult;
}
