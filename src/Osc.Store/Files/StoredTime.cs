namespace Osc.Store.Files;

/// <summary>Times in the database: microseconds since 1970-01-01T00:00:00Z.</summary>
internal static class StoredTime
{
    public static long From(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long? From(DateTimeOffset? time) => time is { } given ? From(given) : null;

    /// <exception cref="InvalidDataException">No clock ever showed this.</exception>
    public static DateTimeOffset To(long microseconds) => microseconds >= Least && microseconds <= Greatest
        ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
        : throw new InvalidDataException($"{microseconds} is no time");

    public static DateTimeOffset? To(long? microseconds) => microseconds is { } given ? To(given) : null;

    private static readonly long Least = From(DateTimeOffset.MinValue);

    private static readonly long Greatest = From(DateTimeOffset.MaxValue);
}
