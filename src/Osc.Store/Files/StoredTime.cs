namespace Osc.Store.Files;

/// <summary>Times in the database: microseconds since 1970-01-01T00:00:00Z.</summary>
internal static class StoredTime
{
    public static long From(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long? From(DateTimeOffset? time) => time is { } given ? From(given) : null;

    public static DateTimeOffset To(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? To(long? microseconds) => microseconds is { } given ? To(given) : null;
}
