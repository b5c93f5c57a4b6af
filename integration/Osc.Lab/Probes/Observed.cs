namespace Osc.Lab.Probes;

/// <summary>What became of a probe.</summary>
public enum Observed
{
    /// <summary>The other end answered.</summary>
    Answered,

    /// <summary>A TCP reset, or ICMP "administratively prohibited".</summary>
    Refused,

    /// <summary>Nothing came back.</summary>
    Silent,

    /// <summary>Nothing came back, but the probe did arrive at the other end.</summary>
    Arrived,
}
