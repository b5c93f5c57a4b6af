namespace Osc.Switch;

/// <summary>How a switch that hangs is told from one that has nothing to say.</summary>
/// <param name="ProbeInterval">After so long without a word from the switch it is asked for an echo.</param>
/// <param name="SilenceLimit">After so long without a word the connection is given up.</param>
public sealed record SwitchTiming(TimeSpan ProbeInterval, TimeSpan SilenceLimit)
{
    /// <summary>The switch answers nobody while it commits a bundle, which takes a second or two for 100,000 flows; hence the patience.</summary>
    public static readonly SwitchTiming Default = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));
}
