namespace Osc.Controller.Configuration;

/// <summary>The collector that gets audit records.</summary>
/// <param name="Collector">tcp://HOST:PORT, or tls://HOST:PORT.</param>
/// <param name="Authority">PEM: certificates of the authority that vouches for the collector; null: those that the system trusts.</param>
public sealed record SyslogSettings(Uri Collector, string? Authority = null)
{
    public const string Plain = "tcp";

    public const string Secure = "tls";
}
