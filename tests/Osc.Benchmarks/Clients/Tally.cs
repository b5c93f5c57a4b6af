using System.Collections.Concurrent;

namespace Osc.Benchmarks.Clients;

/// <summary>What a request is for: reads and writes are told apart, since they wait for different things.</summary>
internal enum RequestClass
{
    Read,
    Write,
}

/// <summary>What became of the requests of one kind.</summary>
internal sealed class KindTally(RequestClass of)
{
    private readonly Lock gate = new();
    private readonly List<float> times = [];

    public RequestClass Class => of;

    /// <summary>Milliseconds from sending to the last byte of the answer, in order.</summary>
    public float[] Sorted()
    {
        lock (gate)
        {
            return [.. times.Order()];
        }
    }

    public void Add(double milliseconds)
    {
        lock (gate)
        {
            times.Add((float)milliseconds);
        }
    }
}

/// <summary>What became of all requests of a stretch of time. Any thread may call.</summary>
internal sealed class Tally
{
    private const int ShownFailures = 20;

    private readonly ConcurrentDictionary<string, KindTally> kinds = [];
    private readonly ConcurrentDictionary<string, long> refusals = [];
    private readonly ConcurrentDictionary<string, long> events = [];
    private long failures;

    public IEnumerable<KeyValuePair<string, KindTally>> Kinds => kinds.OrderBy(k => k.Value.Class).ThenBy(k => k.Key, StringComparer.Ordinal);

    /// <summary>Documented refusals, by status and kind of request.</summary>
    public IEnumerable<KeyValuePair<string, long>> Refusals => refusals.OrderBy(r => r.Key, StringComparer.Ordinal);

    /// <summary>What else was counted.</summary>
    public IEnumerable<KeyValuePair<string, long>> Events => events.OrderBy(e => e.Key, StringComparer.Ordinal);

    /// <summary>What was neither done nor refused as it is documented.</summary>
    public long Failures => Interlocked.Read(ref failures);

    public void Answered(string kind, RequestClass of, double milliseconds) => kinds.GetOrAdd(kind, _ => new(of)).Add(milliseconds);

    public void Refused(string what) => refusals.AddOrUpdate(what, 1, (_, count) => count + 1);

    public void Count(string what, long number = 1) => events.AddOrUpdate(what, number, (_, count) => count + number);

    /// <summary>Counts a failure; the first ones are printed as they come.</summary>
    public void Failed(string what)
    {
        if (Interlocked.Increment(ref failures) <= ShownFailures)
        {
            Console.WriteLine($"FAILURE {what}");
        }
    }

    /// <summary>Milliseconds below which a share of all requests of a class were answered.</summary>
    public float[] Sorted(RequestClass of) => [.. kinds.Values.Where(k => k.Class == of).SelectMany(k => k.Sorted()).Order()];

    /// <param name="sorted">In order.</param>
    public static float At(float[] sorted, double share) => sorted.Length == 0 ? float.NaN : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
