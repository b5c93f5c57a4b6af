using System.Net;

namespace Osc.Controller.Names;

/// <summary>How DNS names that groups have as members are resolved.</summary>
public sealed record NameSettings
{
    public static readonly NameSettings Default = new();

    /// <summary>Whether the controller resolves at all; if not, DnsName documents are for people to write.</summary>
    public bool Resolve { get; init; } = true;

    /// <summary>The servers to ask; none: the system's own. The ones that workloads ask answer as they do.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>How many names groups may have in all.</summary>
    public int MaxNames { get; init; } = 1_000;

    /// <summary>How many addresses a name may have; those that were last seen longest ago go first.</summary>
    public int MaxAddresses { get; init; } = 100;

    /// <summary>How long an address stays after the time to live of the last answer that had it.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A name is not asked for sooner again, however short its time to live; nor after a failure.</summary>
    public TimeSpan LeastInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A name is asked for again by then, however long its time to live.</summary>
    public TimeSpan MostInterval { get; init; } = TimeSpan.FromMinutes(5);
}
