using Osc.Model;

namespace Osc.Controller.Names;

/// <summary>
/// What is known of one name. An address comes with the first answer that has it, and goes with the first whole answer that has
/// it no longer once its grace is over: a failure takes nothing away.
/// </summary>
internal sealed class KnownName
{
    private readonly NameSettings settings;
    private readonly Dictionary<IpAddress, DateTimeOffset> keptUntil = [];

    /// <param name="addresses">What was known before this controller started: as if answered now. null: nothing yet.</param>
    public KnownName(NameSettings settings, IEnumerable<IpAddress>? addresses, DateTimeOffset now)
    {
        this.settings = settings;
        Due = now;
        IsKnown = addresses is not null;
        foreach (var address in addresses ?? [])
        {
            keptUntil[address] = now + settings.Grace;
        }
    }

    /// <summary>When to ask.</summary>
    public DateTimeOffset Due { get; private set; }

    /// <summary>Whether there ever was an answer.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Whether an answer is awaited.</summary>
    public bool IsAsking { get; set; }

    public ValueList<IpAddress> Addresses => keptUntil.Keys.Order().ToValueList();

    public void Take(NameAnswer answer, DateTimeOffset now)
    {
        IsAsking = false;
        if (answer is not NameAnswer.Addresses found)
        {
            Due = now + settings.LeastInterval;
            return;
        }

        IsKnown = true;
        Due = now + (found.IsWhole ? Within(found.TimeToLive) : settings.LeastInterval);
        foreach (var address in found.Found)
        {
            keptUntil[address] = now + found.TimeToLive + settings.Grace;
        }

        var gone = found.IsWhole ? keptUntil.Where(k => k.Value <= now && !found.Found.Contains(k.Key)) : [];
        var tooMany = keptUntil.OrderByDescending(k => k.Value).ThenBy(k => k.Key).Skip(settings.MaxAddresses);
        foreach (var (address, _) in gone.Concat(tooMany).ToArray())
        {
            keptUntil.Remove(address);
        }
    }

    private TimeSpan Within(TimeSpan timeToLive) =>
        timeToLive < settings.LeastInterval ? settings.LeastInterval : timeToLive > settings.MostInterval ? settings.MostInterval : timeToLive;
}
