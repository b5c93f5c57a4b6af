using Osc.Model;
using Osc.Model.Health;

namespace Osc.Store.Alarms;

/// <summary>What tells an alarm from others that stand at the same time.</summary>
/// <param name="Kind">The name of an <see cref="AlarmKind"/>.</param>
/// <param name="Subject">What on the host it is about; empty for the host as a whole.</param>
public sealed record AlarmKey(Name Host, string Kind, string Subject);

/// <summary>An alarm, from when there was cause for it to when there was none any more.</summary>
/// <param name="Id">Counts up with every alarm that is raised.</param>
/// <param name="Detail">What is, or was last, wrong; for people.</param>
/// <param name="Cleared">null while it stands.</param>
public sealed record Alarm(long Id, AlarmKey Key, AlarmSeverity Severity, string Detail, DateTimeOffset Raised, DateTimeOffset? Cleared);

/// <summary>What becomes of an alarm.</summary>
public abstract record AlarmChange(AlarmKey Key)
{
    /// <summary>There is cause for it now, and was none before.</summary>
    public sealed record Raise(AlarmKey Key, AlarmSeverity Severity, string Detail) : AlarmChange(Key);

    /// <summary>It stands, and its detail is another one now.</summary>
    public sealed record Reword(AlarmKey Key, string Detail) : AlarmChange(Key);

    /// <summary>There is no cause for it any more.</summary>
    public sealed record Clear(AlarmKey Key) : AlarmChange(Key);
}

/// <summary>Which alarms, newest first. All that is given must hold; what is null does not matter.</summary>
public sealed record AlarmQuery
{
    public string? Host { get; init; }

    /// <summary>Only alarms of these hosts.</summary>
    public IReadOnlyCollection<string>? Hosts { get; init; }

    public string? Kind { get; init; }

    public AlarmSeverity? Severity { get; init; }

    /// <summary>true: those that stand; false: those that are over.</summary>
    public bool? Standing { get; init; }

    /// <summary>The <see cref="AlarmPage.Next"/> of the page before; null for the first page.</summary>
    public long? Cursor { get; init; }

    /// <summary>1 to <see cref="PolicyStore.MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record AlarmPage(IReadOnlyList<Alarm> Items, long? Next);
